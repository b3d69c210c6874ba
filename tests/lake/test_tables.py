"""Tables: any history leads to exactly the rows asked for, under a digest of their content alone."""

import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaiops_assets.lake import Change, RowWriter, Snapshot, Tables, held, vector_field, write_rows
from genaiops_assets.lake.rows import derived_columns, digest_of_rows, row_hash

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string()), ("value", pa.float64())])
NAME = "demo/documents"
ROW_SETS = st.dictionaries(
    st.text(max_size=4),
    st.tuples(st.none() | st.text(max_size=3), st.none() | st.integers(0, 3) | st.just(0.5)),
    max_size=12,
)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path / "tables")


def sync(tables: Tables, rows: Iterable[dict[str, Any]], schema: pa.Schema = SCHEMA, name: str = NAME) -> Change:
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder) / "rows.parquet", schema, rows)
        return tables.sync(name, Path(folder) / "rows.parquet")


def row(row_id: str, text: str | None = "t", value: float | None = 1.0) -> dict[str, Any]:
    return {"id": row_id, "text": text, "value": value}


def rows_of(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    return [row(i, *rest) for i, rest in wanted.items()]


def content(tables: Tables, change: Change) -> list[dict[str, Any]]:
    return tables.read(change.snapshot, ["id", "text", "value"]).to_pylist()


def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda r: r["id"].encode())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW_SETS, min_size=1, max_size=5))
def test_any_history_leads_to_exactly_the_rows_and_keeps_old_snapshots(history: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = Tables(folder)
        changes: list[Change] = []
        before: dict[str, Any] = {}
        for wanted in history:
            change = sync(tables, rows_of(wanted))
            assert (change.added, change.removed) == (
                len(wanted.keys() - before.keys()),
                len(before.keys() - wanted.keys()),
            )
            assert change.changed == len([i for i in wanted.keys() & before.keys() if wanted[i] != before[i]])
            changes.append(change)
            before = wanted
        for wanted, change in zip(history, changes, strict=True):
            assert content(tables, change) == by_id(rows_of(wanted))
            assert change.snapshot.rows == len(wanted)
            assert tables.digest(change.snapshot) == change.snapshot.digest
        last_alone = sync(tables, reversed(rows_of(history[-1])), name="demo/fresh")
        assert last_alone.snapshot.digest == changes[-1].snapshot.digest


@given(st.lists(st.tuples(st.text(), st.text()), max_size=6), st.randoms())
def test_digest_of_rows_ignores_their_order(rows: list[tuple[str, str]], random: Any) -> None:
    def digest(pairs: list[tuple[str, str]]) -> str:
        return digest_of_rows([i for i, _ in pairs], [h for _, h in pairs])

    assert digest(rows) == digest(random.sample(rows, len(rows)))


def test_more_rows_than_one_batch(tables: Tables) -> None:
    first = [row(f"{n:05d}") for n in range(9000)]
    change = sync(tables, first)
    assert (change.added, change.snapshot.rows) == (9000, 9000)
    change = sync(tables, [row(f"{n:05d}", "new" if n % 2 else "t") for n in range(2000, 9000)])
    assert (change.added, change.changed, change.removed) == (0, 3500, 2000)
    assert tables.digest(change.snapshot) == change.snapshot.digest
    assert sum(1 for _ in tables.rows(change.snapshot, ["id"])) == 7000


def test_equal_rows_touch_nothing(tables: Tables) -> None:
    first = sync(tables, [row("a"), row("b")])
    again = sync(tables, [row("b"), row("a")])
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.snapshot.to_dict() == first.snapshot.to_dict()


def test_rows_that_come_back_have_their_old_snapshot(tables: Tables) -> None:
    first = sync(tables, [row("a")])
    sync(tables, [row("a", "other")])
    assert sync(tables, [row("a")]).snapshot.version == first.snapshot.version


def test_duplicate_ids_are_an_error_that_names_one(tables: Tables) -> None:
    sync(tables, [row("a")])
    with pytest.raises(ValueError, match=r"table demo/documents: id 'b' occurs more than once"):
        sync(tables, [row("a"), row("b"), row("c"), row("b", "again")])


def test_crash_after_writing_and_before_the_tag_is_finished_by_a_rerun(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sync(tables, [row("a"), row("b")])
    with monkeypatch.context() as patch:
        patch.setattr(tables, "_tag", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sync(tables, [row("b", "new"), row("c")])
    assert content(tables, first) == [row("a"), row("b")]
    second = sync(tables, [row("b", "new"), row("c")])
    assert (second.added, second.changed, second.removed) == (0, 0, 0)
    assert content(tables, second) == [row("b", "new"), row("c")]


def test_crash_between_deleting_and_writing_is_finished_by_a_rerun(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sync(tables, [row("a"), row("b")])
    with monkeypatch.context() as patch:
        patch.setattr("genaiops_assets.lake.tables.chosen_rows", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sync(tables, [row("c")])
    assert content(tables, first) == [row("a"), row("b")]
    second = sync(tables, [row("c")])
    assert content(tables, second) == [row("c")]
    assert tables.digest(second.snapshot) == second.snapshot.digest


def test_vectors_carry_no_weight_in_the_digest(tables: Tables) -> None:
    schema = pa.schema([pa.field("id", pa.string()), vector_field("vector", 2)])
    one = sync(tables, [{"id": "a", "vector": [1.0, 2.0]}], schema)
    two = sync(tables, [{"id": "a", "vector": [1.0, 2.0000002]}], schema)
    assert one.snapshot == two.snapshot and two.changed == 0
    assert derived_columns(tables.at(one.snapshot).schema) == {"vector"}
    assert tables.digest(one.snapshot) == one.snapshot.digest


@pytest.mark.parametrize(
    "other",
    [
        pa.schema([pa.field("id", pa.string()), vector_field("vector", 3)]),
        pa.schema([pa.field("id", pa.string()), pa.field("vector", pa.string())]),
        pa.schema([pa.field("id", pa.string()), pa.field("more", pa.int64()), vector_field("vector", 2)]),
    ],
    ids=["wider vectors", "another type", "another column"],
)
def test_other_columns_make_the_table_anew_and_keep_old_snapshots(tables: Tables, other: pa.Schema) -> None:
    old = sync(
        tables, [{"id": "a", "vector": [1.0, 2.0]}], pa.schema([pa.field("id", pa.string()), vector_field("vector", 2)])
    )
    values = {
        "vector": "text" if other.field("vector").type == pa.string() else [0.0] * other.field("vector").type.list_size
    }
    new = sync(tables, [{"id": "b", **values, **({"more": 1} if "more" in other.names else {})}], other)
    assert [r["id"] for r in tables.rows(new.snapshot)] == ["b"]
    assert tables.digest(new.snapshot) == new.snapshot.digest
    assert [r["vector"] for r in tables.rows(old.snapshot)] == [[1.0, 2.0]]
    assert tables.digest(old.snapshot) == old.snapshot.digest


def test_hash_is_of_the_row_as_it_is_read_back(tables: Tables) -> None:
    change = sync(tables, [{"id": "a", "value": 1}, {"id": "b", "text": None, "unknown": "dropped"}])
    stored = list(tables.rows(change.snapshot))
    assert [r["row_hash"] for r in stored] == [row_hash(r) for r in stored]
    assert row_hash(row("a", None, 1.0)) == next(r["row_hash"] for r in stored if r["id"] == "a")


def test_rows_are_added_and_none_that_is_there_or_left_out(tables: Tables, tmp_path: Path) -> None:
    for rows in ([row("a"), row("b")], [row("b", "new"), row("c"), row("d")], [row("d")], []):
        write_rows(tmp_path / "rows.parquet", SCHEMA, rows)
        count = tables.add("logs", tmp_path / "rows.parquet", lambda: {"d"}.__contains__)
    assert count == 3
    found = tables.open("logs").search().select(["id", "text"]).to_list()
    assert {r["id"]: r["text"] for r in found} == {"a": "t", "b": "t", "c": "t"}


def test_what_is_left_out_is_asked_for_when_nobody_else_writes(tmp_path: Path) -> None:
    """An erasure under way tells its ids before it lets go of the table."""
    tables, erased = Tables(tmp_path / "tables", tmp_path / "locks"), set[str]()
    write_rows(tmp_path / "rows.parquet", SCHEMA, [row("a"), row("b")])
    with ThreadPoolExecutor() as pool:
        with held(tables, ["logs"]):
            waiting = pool.submit(tables.add, "logs", tmp_path / "rows.parquet", lambda: erased.__contains__)
            time.sleep(0.2)
            erased.add("a")
        assert waiting.result(timeout=60) == 1
    assert [r["id"] for r in tables.open("logs").search().to_list()] == ["b"]


def test_read_takes_columns_and_a_condition(tables: Tables) -> None:
    snapshot = sync(tables, [row("b", "x", 2.0), row("a", "y", 3.0), row("it's", "z", 1.0)]).snapshot
    assert tables.read(snapshot, ["value"]).to_pydict() == {"value": [3.0, 2.0, 1.0]}
    assert tables.read(snapshot, ["id"], where="value > 1.5").to_pydict() == {"id": ["a", "b"]}
    assert tables.read(snapshot, where="value > 9").num_rows == 0


def test_missing_table_and_missing_snapshot_are_key_errors(tables: Tables) -> None:
    with pytest.raises(KeyError, match="no table nothing"):
        tables.open("nothing")
    snapshot = sync(tables, [row("a")]).snapshot
    tables.open(NAME).tags.delete(snapshot.tag)
    with pytest.raises(KeyError, match=r"snapshot demo/documents@d-\w+ is gone"):
        tables.at(snapshot)
    assert tables.exists(NAME) and not tables.exists("nothing")


def test_row_writer_counts(tmp_path: Path) -> None:
    with RowWriter(tmp_path / "deep/rows.parquet", SCHEMA) as writer:
        for n in range(5000):
            writer.write(row(str(n)))
    assert writer.count == 5000


def change(
    tables: Tables, base: Snapshot | None, rows: list[dict[str, str]], removed: list[str], tmp_path: Path
) -> Change:
    write_rows(tmp_path / "change.parquet", SCHEMA, rows)
    return tables.change("t", base, tmp_path / "change.parquet", removed)


def test_a_change_on_a_base_ends_where_a_sync_of_the_whole_ends(tables: Tables, tmp_path: Path) -> None:
    first = change(tables, None, [row("a"), row("b"), row("c")], [], tmp_path)
    second = change(tables, first.snapshot, [row("b", "other"), row("d")], ["c"], tmp_path)
    assert (second.added, second.changed, second.removed) == (1, 1, 1)
    whole = Tables(tmp_path / "whole")
    write_rows(tmp_path / "whole.parquet", SCHEMA, [row("a"), row("b", "other"), row("d")])
    assert (
        second.snapshot.digest
        == whole.sync("t", tmp_path / "whole.parquet").snapshot.digest
        == tables.digest(second.snapshot)
    )
    assert [r["id"] for r in tables.read(first.snapshot).to_pylist()] == ["a", "b", "c"]


def test_a_change_drops_what_a_crash_left_behind_its_base(tables: Tables, tmp_path: Path) -> None:
    first = change(tables, None, [row("a"), row("b")], [], tmp_path)
    tables.open("t").delete("id = 'a'")  # written, never tagged
    second = change(tables, first.snapshot, [row("c")], [], tmp_path)
    assert [r["id"] for r in tables.read(second.snapshot).to_pylist()] == ["a", "b", "c"]


def test_a_change_may_go_on_from_a_state_with_other_columns_than_the_newest(tables: Tables, tmp_path: Path) -> None:
    """As an index does when its use case goes back to an earlier embedding model."""
    narrow, wide = (pa.schema([pa.field("id", pa.string()), vector_field("vector", n)]) for n in (2, 3))
    first = sync(tables, [{"id": i, "vector": [1.0, 2.0]} for i in "ab"], narrow)
    between = sync(tables, [{"id": "a", "vector": [0.0] * 3}], wide)
    write_rows(tmp_path / "back.parquet", narrow, [{"id": "c", "vector": [3.0, 4.0]}])
    third = tables.change(NAME, first.snapshot, tmp_path / "back.parquet", ["b"])
    assert (third.added, third.removed) == (1, 1)
    assert sorted((r["id"], r["vector"]) for r in tables.rows(third.snapshot)) == [("a", [1.0, 2.0]), ("c", [3.0, 4.0])]
    assert [tables.digest(c.snapshot) for c in (first, between, third)] == [
        c.snapshot.digest for c in (first, between, third)
    ]


def test_a_change_with_other_columns_is_refused(tables: Tables, tmp_path: Path) -> None:
    first = change(tables, None, [row("a")], [], tmp_path)
    write_rows(
        tmp_path / "other.parquet", pa.schema([("id", pa.string()), ("more", pa.string())]), [{"id": "b", "more": "x"}]
    )
    with pytest.raises(ValueError, match="other columns"):
        tables.change("t", first.snapshot, tmp_path / "other.parquet", [])
