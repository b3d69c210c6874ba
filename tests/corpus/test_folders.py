"""The state of a folder: the same files whatever the disk's order, another state for every change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from genaiops_assets.corpus import FolderWatch, files_of
from genaiops_assets.corpus.read.folders import listing_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.md", "a.txt", "deep/c.md", "deep/.hidden.md", "deep/half.md.partial", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_it_sees_the_files_that_are_read(folder: Path) -> None:
    listing = listing_of(folder)
    assert listing.files == len(files_of(folder)) == 3
    assert listing.newest == max(p.stat().st_mtime for p in files_of(folder))
    assert listing_of(folder) == listing


def test_every_change_is_seen_and_taken_back(folder: Path) -> None:
    before, path = listing_of(folder), folder / "deep" / "c.md"
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    touched = listing_of(folder).digest
    path.rename(folder / "c.md")
    moved = listing_of(folder).digest
    (folder / "c.md").write_text("longer than before")
    changed = listing_of(folder).digest
    (folder / "c.md").unlink()
    removed = listing_of(folder).digest
    assert len({before.digest, touched, moved, changed, removed}) == 5
    path.write_text("deep/c.md")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert listing_of(folder) == before


def test_what_nobody_reads_changes_nothing(folder: Path) -> None:
    before = listing_of(folder)
    (folder / "new.md.partial").write_text("half")
    (folder / ".new.md").write_text("hidden")
    assert listing_of(folder) == before


def test_no_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert listing_of(tmp_path / "nowhere") == listing_of(tmp_path) and listing_of(tmp_path).files == 0


def test_a_watch_sees_what_a_fresh_look_sees(folder: Path) -> None:
    watch = FolderWatch(folder)
    assert watch.listing() == listing_of(folder)
    (folder / "deep" / "deeper").mkdir()
    (folder / "deep" / "deeper" / "d.md").write_text("d")
    assert watch.listing() == listing_of(folder)
    (folder / "a.txt").write_text("changed in place")
    assert watch.listing() == listing_of(folder)
    (folder / "deep" / "deeper" / "d.md").unlink()
    (folder / "deep" / "deeper").rmdir()
    assert watch.listing() == listing_of(folder)


def test_beyond_the_budget_new_names_are_seen_at_once_and_changes_in_place_in_turn(tmp_path: Path) -> None:
    names = [tmp_path / f"{number}" / "a.md" for number in range(6)]
    for path in names:
        path.parent.mkdir()
        path.write_text("a")
        os.utime(path.parent, (time.time() - 60,) * 2)
    watch = FolderWatch(tmp_path, budget=2)
    watch.listing()
    (tmp_path / "3" / "new.md").write_text("new")
    assert watch.listing() == listing_of(tmp_path)
    for path in names:
        state = path.parent.stat()
        path.write_text("changed in place")
        os.utime(path.parent, ns=(state.st_atime_ns, state.st_mtime_ns))
    seen = [watch.listing() == listing_of(tmp_path) for _ in range(6)]
    assert not seen[0] and seen[-1]


def test_a_folder_that_cannot_be_listed_is_an_error_not_an_empty_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(f"{path}: Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        listing_of(folder)
