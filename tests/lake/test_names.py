"""Names that become paths: no id leads to another place, whoever typed it."""

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import NotMaterialized, UnsafeName
from genaiops_assets.lake import Lake, Store, refuse_unsafe_part

ELSEWHERE = ["", ".", "..", "../x", "./mv-0123456789ab", "a/../b", "a//b", "/etc", "a\\b", "a\nb", "a\x00b", "a\x7fb"]
HIDDEN = [".hidden", "a\u200bb", "a\u202eb", " a", "a ", "x" * 201, "費" * 67, "a\ud800"]


@pytest.mark.parametrize("part", [*ELSEWHERE, *HIDDEN, "a/b"])
def test_what_is_no_part_of_a_path_is_refused(part: str) -> None:
    with pytest.raises(UnsafeName):
        refuse_unsafe_part(part)


@pytest.mark.parametrize(
    "part", ["mv-0123456789ab", "2026-11-30", "bank_support", "费用", "a b", "é", "x" * 200, "a.b"]
)
def test_what_is_one_passes_unchanged(part: str) -> None:
    assert refuse_unsafe_part(part) == part


@pytest.mark.parametrize("key", [k for k in ELSEWHERE if k != "a//b"] + ["a//b"])
def test_no_store_goes_elsewhere(store: Store, key: str) -> None:
    """All doors of both kinds of store."""
    calls: list[Any] = [store.exists, store.read, store.remove, store.list, store.uri, store.local]
    for call in calls:
        with pytest.raises(UnsafeName):
            call(key)
    for write in (store.write, store.create):
        with pytest.raises(UnsafeName):
            write(key, b"")
    with pytest.raises(UnsafeName):
        store.put_folder(Path("/nowhere"), key, last="manifest.json")


@pytest.mark.parametrize("bad", [*(e for e in ELSEWHERE if e), *HIDDEN])
def test_every_id_of_a_lake_is_checked(lake: Lake, bad: str) -> None:
    doors: list[Any] = [
        lambda: lake.heads.get("demo/x", bad),
        lambda: lake.heads.digest("demo/x", bad),
        lambda: lake.heads.put("demo/x", bad, {"digest": "d"}),
        lambda: lake.current("demo/x", bad),
        lambda: lake.artifacts.get("demo/x", bad),
        lambda: lake.artifacts.has("demo/x", bad),
        lambda: lake.memo.get(bad),
        lambda: lake.memo.put(bad, "d", {}),
        lambda: lake.notes.get("demo", bad),
        lambda: lake.notes.put(bad, "x", 1),
        lambda: lake.work(bad).__enter__(),
    ]
    for door in doors:
        with pytest.raises(UnsafeName):
            door()
    assert not lake.home.exists() or not [p for p in lake.home.rglob("*") if p.is_file()]


@pytest.mark.parametrize("name", ["", "..", "demo/..", "demo//x", "../demo/x", "demo/.x", "/demo"])
def test_names_of_assets_and_tables_too(lake: Lake, name: str) -> None:
    for door in (lake.heads.get, lake.heads.partitions, lake.artifacts.digests, lake.tables.exists, lake.tables.open):
        with pytest.raises(UnsafeName):
            door(name)


def test_a_version_spelt_as_a_path_is_not_the_version(lake: Lake) -> None:
    """`./mv-…` was another version for the rules and the same one on disk."""
    lake.heads.put("demo/decision", "mv-0123456789ab", {"digest": "d"})
    with pytest.raises(UnsafeName, match="would be another place"):
        lake.heads.get("demo/decision", "./mv-0123456789ab")
    assert lake.heads.partitions("demo/decision") == ["mv-0123456789ab"]


def test_an_empty_partition_and_the_name_of_the_whole_are_no_partitions(lake: Lake) -> None:
    lake.heads.put("demo/x", None, {"digest": "d"})
    for partition in ("", "_"):
        with pytest.raises(UnsafeName):
            lake.heads.get("demo/x", partition)


def test_what_is_not_made_yet_says_so_in_plain_words(lake: Lake) -> None:
    for door in (lambda: lake.current("demo/x"), lambda: lake.artifacts.get("demo/x", "0" * 64)):
        with pytest.raises(NotMaterialized) as told:
            door()
        assert isinstance(told.value, KeyError) and str(told.value) == told.value.args[0]
