"""The state of a folder: the same files whatever the disk's order, another state for every change."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from genaiops_assets.corpus import FolderWatch, files_of
from genaiops_assets.corpus.read.folders import listing_of, walk
from genaiops_assets.corpus.test_items import benchmark_items
from tests.corpus.states import feed, inbox, odd_folder, state_of


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


# --- what is no file: it is counted, and stops or hangs nothing
# -------------------------------------------------------------------------


PROBLEMS = {
    "itself": "a link: not followed, put the file itself here",
    "link.md": "a link: not followed, put the file itself here",
    "deep/nowhere.md": "a link: not followed, put the file itself here",
    "pipe.jsonl": "not a file: a pipe, a socket or a device",
    "caf\\xe9.md": "the file's name is not UTF-8: rename it",
    "two\\nlines.md": "a control character in the file's name: rename it",
    "turned\\u202edm.md": "a control character in the file's name: rename it",
}


def test_links_pipes_and_bad_names_are_quarantined_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    state = state_of([inbox(odd_folder(tmp_path / "inbox"))])
    assert [d["text"] for d in state.documents] == ["Good."]
    assert {q["file"]: q["reason"] for q in state.quarantine} == PROBLEMS


def test_a_watch_sees_links_without_following_them(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    odd_folder(tmp_path / "inbox")
    watch = FolderWatch(tmp_path / "inbox")
    before = watch.listing()
    assert before.files == len(files_of(tmp_path / "inbox")) == 1 + len(PROBLEMS)
    (tmp_path / "outside.md").write_text("Changed outside.")
    assert watch.listing() == before == listing_of(tmp_path / "inbox")
    (tmp_path / "inbox" / "link.md").unlink()
    assert watch.listing().files == before.files - 1


def test_folders_deeper_than_python_recurses_are_walked(tmp_path: Path) -> None:
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("a.md", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)
    try:
        assert [p.name for p in walk(tmp_path)] == ["a.md"]
        assert listing_of(tmp_path).files == 1
        state = state_of([inbox(tmp_path)])
        assert "longer than 1000 bytes" in state.quarantine[0]["reason"]
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # Python's own removal recurses


def test_a_folder_below_that_cannot_be_opened_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("closed", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(name)
    scan = os.scandir

    def refuse(path):  # type: ignore[no-untyped-def]
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    state = state_of([feed(tmp_path)])
    assert [d["text"] for d in state.documents] == ["open"]
    assert [(q["file"], q["reason"]) for q in state.quarantine] == [("closed", "a folder that cannot be read")]
    assert listing_of(tmp_path).files == 2


def test_links_of_a_hubs_cache_to_its_own_files_are_followed_others_are_not(tmp_path: Path) -> None:
    root = tmp_path / "datasets--a--b" / "snapshots" / "c0ffee"
    root.mkdir(parents=True)
    (tmp_path / "secret.md").write_text("Secret.")
    (root.parent.parent / "blobs").mkdir()
    (root.parent.parent / "blobs" / "1f").write_text("Own.")
    (root / "own.md").symlink_to("../../blobs/1f")
    (root / "other.md").symlink_to(tmp_path / "secret.md")
    state = state_of([feed(root, data_set=True)])
    assert [(d["id"], d["text"]) for d in state.documents] == [("own", "Own.")]
    assert [q["file"] for q in state.quarantine] == ["other.md"]
    assert [item.text for item in benchmark_items("hub-dataset:a/b@c0ffee", str(root)) if item.field == "text"] == [
        "Own."
    ]


def test_a_source_that_is_itself_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text.")
    (tmp_path / "b.md").symlink_to(tmp_path / "a.md")
    assert [d["id"] for d in state_of([feed(tmp_path / "b.md")]).documents] == ["b"]
