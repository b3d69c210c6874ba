"""The state of a folder: the same files whatever the disk's order, another state for every change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genaiops_assets.corpus import files_of, listing_of


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
