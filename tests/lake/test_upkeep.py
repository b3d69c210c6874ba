"""Upkeep: however often a table is changed, it has few files, and no snapshot is lost or kept from being read."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from genaiops_assets.lake import Snapshot, Tables, compact, small_files, upkeep, write_rows
from genaiops_assets.lake.upkeep import NEVER

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tables:
    monkeypatch.setattr(upkeep, "MANY", 4)
    return Tables(tmp_path / "tables")


def file_of(folder: Path, *ids: str, text: str = "") -> Path:
    write_rows(folder / "rows.parquet", SCHEMA, ({"id": i, "text": text or i} for i in ids))
    return folder / "rows.parquet"


def test_many_changes_leave_few_files_and_every_snapshot(tables: Tables, tmp_path: Path) -> None:
    states: list[Snapshot] = [tables.sync("t", file_of(tmp_path, "a", "b")).snapshot]
    for n in range(12):
        change = tables.change(
            "t", states[-1], file_of(tmp_path, f"n{n}", "a", text=f"text {n}"), [f"n{n - 2}"] if n > 1 else []
        )
        states.append(change.snapshot)
        assert small_files(tables.open("t")) <= 6
    assert len({s.digest for s in states}) == 13
    for n, state in enumerate(states):
        assert tables.digest(state) == state.digest
        assert tables.read(state, ["id"]).num_rows == min(n, 2) + 2


def test_a_log_that_grows_row_by_row_has_few_files(tables: Tables, tmp_path: Path) -> None:
    for n in range(12):
        assert tables.add("log", file_of(tmp_path, f"i{n}")) == n + 1
    assert small_files(tables.open("log")) <= 5


def test_a_table_that_is_much_older_than_a_week_is_compacted_without_losing_a_version(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lance by default deletes versions older than seven days, and refuses everything when a tag holds one of them.
    Here all are too old at once."""
    first = tables.sync("t", file_of(tmp_path, "a")).snapshot
    tables.change("t", first, file_of(tmp_path, "b"), [])
    with monkeypatch.context() as aged:
        aged.setattr(upkeep, "NEVER", timedelta(milliseconds=1))
        time.sleep(0.05)
        with pytest.raises(RuntimeError, match="tagged version"):
            compact(tables.open("t"))
    compact(tables.open("t"))
    assert small_files(tables.open("t")) == 1 and tables.digest(first) == first.digest
    assert timedelta(days=365 * 10) < NEVER
