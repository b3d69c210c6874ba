"""Erasure in tables: the rows leave every version and every file; tags, digests and the other rows stay; kills are
finished by a rerun."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaiops_assets.lake import (
    Before,
    Found,
    Lake,
    Snapshot,
    Tables,
    find,
    finish_rewriting,
    rewrite,
    tables_of,
    vector_field,
    write_rows,
)
from genaiops_assets.lake.finding import NotAsPublished
from genaiops_assets.lake.rewriting import Replacement
from genaiops_assets.lake.rows import digest_of_rows

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])
NAME = "demo/documents"
MARKER = "MARKER-7f3a"


def sync(tables: Tables, rows: Iterable[dict[str, Any]], schema: pa.Schema = SCHEMA, name: str = NAME) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder) / "rows.parquet", schema, rows)
        return tables.sync(name, Path(folder) / "rows.parquet").snapshot


def rows(**texts: str) -> list[dict[str, Any]]:
    return [{"id": i, "text": t} for i, t in texts.items()]


def with_marker(row: dict[str, Any]) -> bool:
    return MARKER in (row["text"] or "")


def holding(folder: Path, marker: str = MARKER) -> list[str]:
    return [
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and marker.encode() in p.read_bytes()
    ]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path / "tables")


def erase(tables: Tables, tmp_path: Path, name: str = NAME) -> Found:
    found = find(tables, name, ["text"], with_marker)
    rewrite(tables, name, found.pairs, tmp_path / "scratch")
    return found


def test_deleting_and_optimising_would_leave_the_bytes(tables: Tables, tmp_path: Path) -> None:
    """Why tables are written anew: the day this fails, a simpler way will do."""
    sync(tables, rows(**{f"r{n}": "plain" for n in range(50)}, a=MARKER))
    table = tables.open(NAME)
    table.tags.delete(next(iter(table.tags.list())))
    table.delete("id = 'a'")
    from datetime import timedelta

    with pytest.warns(UserWarning, match="cleanup_older_than"):
        table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
    assert holding(tmp_path)


def test_rows_leave_all_versions_and_all_files_and_the_digests_can_be_proven(tables: Tables, tmp_path: Path) -> None:
    history = [
        rows(a="one", b=f"{MARKER} first", c="three"),
        rows(a="one", b=f"{MARKER} second, 还有中文", c="three", d=f"x {MARKER}"),
        rows(a="changed", c="three"),
        rows(a="changed", c="three", e="五"),
    ]
    snapshots = [sync(tables, state) for state in history]
    before = {p for p in (tmp_path / "tables").rglob("*") if p.is_file()}
    assert holding(tmp_path)
    found = erase(tables, tmp_path)
    assert [i for i, _ in found.pairs] == ["b", "b", "d"]
    assert set(found.states) == {s.digest for s in snapshots}
    assert holding(tmp_path) == []
    assert not before & {p for p in (tmp_path / "tables").rglob("*.lance") if p.is_file()}
    for snapshot, state in zip(snapshots, history, strict=True):
        left = [r for r in state if not with_marker(r)]
        assert tables.read(snapshot, ["id", "text"]).to_pylist() == left
        assert tables.digest(snapshot, found.states[snapshot.digest]) == snapshot.digest
        assert (tables.digest(snapshot) == snapshot.digest) == (not found.states[snapshot.digest])
    table = tables.open(NAME)
    assert table.search().select(["id"]).to_arrow().num_rows == 3
    assert set(table.tags.list()) == {s.tag for s in snapshots}
    for version in table.list_versions():
        table.checkout(version["version"])
        assert all(MARKER not in str(r) for r in table.search().to_arrow().to_pylist())


def test_a_later_sync_and_a_second_erasure_go_on_from_there(tables: Tables, tmp_path: Path) -> None:
    first = sync(tables, rows(a="one", b=MARKER, c="OTHER text"))
    once = erase(tables, tmp_path)
    later = sync(tables, rows(a="one", c="OTHER text"))
    assert tables.digest(later) == later.digest
    earlier = {d: Before().and_then("", p) for d, p in once.states.items() if p}  # as a proof of an earlier version
    by_rest = {d: Before().and_then(once.remaining[d], ()) for d, p in once.states.items() if p}
    twice = find(tables, NAME, ["text"], lambda r: "OTHER" in r["text"], earlier)
    assert set(twice.states) == {first.digest, later.digest}
    assert find(tables, NAME, ["text"], lambda r: "OTHER" in r["text"], by_rest) == twice
    with pytest.raises(NotAsPublished):
        find(tables, NAME, ["text"], lambda r: "OTHER" in r["text"], {first.digest: Before(frozenset({"0" * 64}))})
    rewrite(tables, NAME, twice.pairs, tmp_path / "scratch")
    assert tables.digest(first, [*once.states[first.digest], *twice.states[first.digest]]) == first.digest
    assert tables.read(later, ["id"]).to_pydict() == {"id": ["a"]}
    assert holding(tmp_path, "OTHER") == []


def test_vectors_other_schemas_and_untagged_rows(tables: Tables, tmp_path: Path) -> None:
    schema = pa.schema([*SCHEMA, vector_field("vector", 2)])
    old = sync(tables, rows(a="plain", b=MARKER))
    new = sync(
        tables,
        [{"id": "a", "text": "plain too", "vector": [0.5, 1.25]}, {"id": "b", "text": MARKER, "vector": [1.0, 2.0]}],
        schema,
    )
    table = tables.open(NAME)
    table.add(
        pa.table(
            {"id": ["z"], "text": [f"{MARKER} never tagged"], "vector": [[1.0, 1.0]], "row_hash": ["h"]},
            schema=table.schema,
        )
    )
    table.delete("id = 'z'")
    found = erase(tables, tmp_path)
    assert ("z", "h") in found.pairs
    assert holding(tmp_path) == []
    assert tables.read(new, ["id", "vector"]).to_pylist() == [{"id": "a", "vector": [0.5, 1.25]}]
    assert tables.digest(new, found.states[new.digest]) == new.digest
    assert tables.read(old, ["id"]).to_pydict() == {"id": ["a"]}


def test_a_log_without_tags_and_a_table_that_ends_empty(tables: Tables, tmp_path: Path) -> None:
    write_rows(tmp_path / "log.parquet", SCHEMA, rows(a=MARKER, b="plain"))
    tables.add("demo/log", tmp_path / "log.parquet")
    (tmp_path / "log.parquet").unlink()
    erase(tables, tmp_path, "demo/log")
    assert tables.open("demo/log").tags.list() == {} and tables.open("demo/log").count_rows() == 1
    only = sync(tables, rows(a=MARKER))
    erase(tables, tmp_path)
    assert tables.read(only).num_rows == 0 and holding(tmp_path) == []
    assert tables_of(tables, "demo") == ["demo/documents", "demo/log"]


def test_a_table_whose_rows_are_not_those_of_its_tag_is_not_touched(tables: Tables) -> None:
    snapshot = sync(tables, rows(a="one", b=MARKER))
    tables.open(NAME).tags.update(snapshot.tag, 1)
    with pytest.raises(NotAsPublished, match=re.escape(f"tables/{NAME}@{snapshot.tag}: rows do not match")):
        find(tables, NAME, ["text"], with_marker)


@pytest.mark.parametrize("point", ["clear", "replay", "complete", "take_the_place", "remove"])
def test_kill_at_any_point_is_finished_by_a_rerun(
    tables: Tables, tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = sync(tables, rows(a="one", b=MARKER))
    found = find(tables, NAME, ["text"], with_marker)
    with monkeypatch.context() as patch:
        if point == "replay":
            patch.setattr("genaiops_assets.lake.rewriting.write_remaining", lambda *args: 1 / 0)
        else:
            patch.setattr(Replacement, point, lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rewrite(tables, NAME, found.pairs, tmp_path / "scratch")
    finish_rewriting(tables, NAME)
    rewrite(tables, NAME, found.pairs, tmp_path / "scratch")
    assert tables.read(snapshot, ["id"]).to_pydict() == {"id": ["a"]}
    assert holding(tmp_path) == [] and not list((tmp_path).glob("tables-rewritten/*"))


def test_kill_between_the_two_moves_leaves_the_new_table_to_be_moved(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = sync(tables, rows(a="one", b=MARKER))
    found = find(tables, NAME, ["text"], with_marker)
    renames = Path.rename

    def fail_on_the_second(path: Path, target: Any) -> Path:
        if "rewritten" in str(path):
            raise OSError("killed")
        return renames(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail_on_the_second)
        with pytest.raises(OSError, match="killed"):
            rewrite(tables, NAME, found.pairs, tmp_path / "scratch")
    assert not tables.exists(NAME)
    finish_rewriting(tables, NAME)
    assert tables.read(snapshot, ["id"]).to_pydict() == {"id": ["a"]}
    assert holding(tmp_path) == []


def test_tables_behind_a_url_are_written_anew_too(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", f"file://{tmp_path}/lake")
    snapshot = sync(lake.tables, rows(a="one", b=MARKER))
    found = find(lake.tables, NAME, ["text"], with_marker)
    rewrite(lake.tables, NAME, found.pairs, tmp_path / "scratch")
    assert lake.tables.read(snapshot, ["id"]).to_pydict() == {"id": ["a"]}
    assert holding(tmp_path) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["x", "y", MARKER, f"{MARKER} 二"]), max_size=6),
        min_size=1,
        max_size=4,
    )
)
def test_any_history_is_the_same_without_the_rows(history: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = Tables(f"{folder}/tables")
        snapshots = [sync(tables, rows(**state)) for state in history]
        found = erase(tables, Path(folder))
        assert holding(Path(folder)) == []
        for snapshot, state in zip(snapshots, history, strict=True):
            left = {i: t for i, t in state.items() if MARKER not in t}
            stored = tables.read(snapshot).to_pylist()
            assert {r["id"]: r["text"] for r in stored} == left
            pairs = [*found.states[snapshot.digest], *((r["id"], r["row_hash"]) for r in stored)]
            assert digest_of_rows([i for i, _ in pairs], [h for _, h in pairs]) == snapshot.digest
