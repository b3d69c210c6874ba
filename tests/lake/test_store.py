"""Bytes by key, the same on a local disk and on an object store."""

import multiprocessing as mp
from pathlib import Path

import pytest

from genaiops_assets.lake.store import Store


def folder_with(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_write_read_overwrite(store: Store) -> None:
    store.write("a/b", b"1")
    store.write("a/b", b"2")
    assert store.read("a/b") == b"2"
    assert store.exists("a/b") and not store.exists("a/c")


def test_reading_what_is_not_there_is_file_not_found(store: Store) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("nowhere/x")


def test_create_refuses_a_key_that_exists_and_keeps_its_bytes(store: Store) -> None:
    store.create("a/b", b"first")
    with pytest.raises(FileExistsError):
        store.create("a/b", b"second")
    assert store.read("a/b") == b"first"
    assert store.list("a") == ["b"]


def test_list_is_sorted_names_one_level_deep(store: Store) -> None:
    for key in ("x/b", "x/a/deep", "x/c", "y/z"):
        store.write(key, b"")
    assert store.list("x") == ["a", "b", "c"]
    assert store.list("nowhere") == []


def test_a_second_store_sees_what_the_first_wrote_after_it_listed(store: Store, url: str, tmp_path: Path) -> None:
    other = Store(url, cache=tmp_path / "cache")
    assert other.list("x") == []
    store.create("x/1", b"")
    assert other.list("x") == ["1"]


def test_object_stores_never_answer_from_a_cached_listing() -> None:
    fs, _ = Store("memory://anywhere")._remote
    assert fs.storage_options == {"use_listings_cache": False}


def test_put_folder_moves_everything_and_the_first_stays(store: Store, tmp_path: Path) -> None:
    first = folder_with(tmp_path / "first", {"manifest.json": "{}", "sub/x": "1"})
    second = folder_with(tmp_path / "second", {"manifest.json": "{}", "sub/x": "2"})
    for folder in (first, second):
        store.put_folder(folder, "art/d", last="manifest.json")
        assert not folder.exists()
    assert store.read("art/d/sub/x") == b"1"


def test_local_put_folder_does_not_hide_a_half_folder_in_its_way(tmp_path: Path) -> None:
    store = Store(tmp_path / "lake")
    store.write("art/d/strange", b"")
    staging = folder_with(tmp_path / "staging", {"manifest.json": "{}"})
    with pytest.raises(OSError):
        store.put_folder(staging, "art/d", last="manifest.json")
    assert staging.exists()


def test_remote_put_folder_finishes_what_a_crash_left_half_done(tmp_path: Path) -> None:
    store = Store("memory://half-done", cache=tmp_path / "cache")
    store.write("art/d/sub/x", b"ha")
    store.put_folder(
        folder_with(tmp_path / "staging", {"manifest.json": "{}", "sub/x": "whole"}), "art/d", last="manifest.json"
    )
    assert store.read("art/d/sub/x") == b"whole"


def test_remote_put_folder_writes_the_last_file_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, order = Store("memory://order"), []
    monkeypatch.setattr(store, "write", lambda key, data: order.append(key))
    store.put_folder(folder_with(tmp_path / "s", {"a": "", "manifest.json": "", "z/b": ""}), "d", last="manifest.json")
    assert order == ["d/a", "d/z/b", "d/manifest.json"]


def test_local_gives_a_path_with_the_content_of_a_folder_or_a_file(store: Store, tmp_path: Path) -> None:
    store.put_folder(folder_with(tmp_path / "s", {"manifest.json": "{}", "sub/x": "1"}), "art/d", last="manifest.json")
    for _ in range(2):
        assert (store.local("art/d") / "sub/x").read_text() == "1"
        assert store.local("art/d/manifest.json").read_text() == "{}"


def test_local_copies_again_when_asked_for_a_fresh_one(store: Store) -> None:
    store.write("art/d/x", b"old")
    assert (store.local("art/d") / "x").read_bytes() == b"old"
    store.write("art/d/x", b"new")
    assert (store.local("art/d", fresh=True) / "x").read_bytes() == b"new"
    assert (store.local("art/d") / "x").read_bytes() == b"new"
    assert [p.name for p in store.local("art").iterdir()] == ["d"]


def test_remote_store_without_cache_says_so() -> None:
    with pytest.raises(ValueError, match="needs a local cache"):
        Store("memory://x").local("a")


def claim(root: str, who: int) -> bool:
    try:
        Store(root).create("flag", str(who).encode())
    except FileExistsError:
        return False
    return True


def test_of_several_processes_exactly_one_creates_a_key(tmp_path: Path) -> None:
    with mp.get_context("spawn").Pool(4) as pool:
        won = pool.starmap(claim, [(str(tmp_path), who) for who in range(8)])
    assert won.count(True) == 1
    assert Store(tmp_path).read("flag") == str(won.index(True)).encode()
    assert [p.name for p in tmp_path.iterdir()] == ["flag"]
