"""Dagster's files are kept open without being in anybody's way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.orchestration.open_files import OpenFiles, open_files

INDEX = Path("history/runs/index.db")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("a"))
    return tmp_path


def log_of(home: Path) -> Path:
    return home / f"{INDEX}-wal"


def test_the_write_ahead_log_stays_until_the_end_of_the_block(home: Path) -> None:
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("a"))
        assert not log_of(home).exists()  # the last one to close it has emptied it
        with open_files(home):
            instance.report_runless_asset_event(dg.AssetMaterialization("a"))
            assert log_of(home).stat().st_size > 0
    assert not log_of(home).exists()
    with closing(sqlite3.connect(home / INDEX)) as index:
        assert index.execute("select count(*) from event_logs").fetchone() == (3,)


def test_whoever_wants_the_file_for_himself_gets_it(home: Path) -> None:
    """As an erasure does: it rewrites rows, vacuums and empties the log."""
    with open_files(home), closing(sqlite3.connect(home / INDEX, timeout=0, isolation_level=None)) as other:
        other.execute("pragma secure_delete = on")
        other.execute("update event_logs set event = 'erased'")
        other.execute("update asset_keys set last_materialization = 'erased'")
        other.execute("vacuum")
        assert other.execute("pragma wal_checkpoint(truncate)").fetchone() == (0, 0, 0)
        other.execute("begin exclusive")
        other.execute("rollback")
    assert b"AssetMaterialization" not in b"".join(p.read_bytes() for p in home.glob("history/runs/index.db*"))


def test_files_that_are_not_there_or_no_database_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "runs.db").write_text("no database " * 100)
    with open_files(tmp_path) as files:
        files.keep_run("never")
        assert files.held == {}


def test_a_run_is_held_once(home: Path) -> None:
    (home / "history" / "runs" / ".db").rename(home / "history" / "runs" / "one.db")
    files = OpenFiles(home)
    files.keep_run("one")
    files.keep_run("one")
    assert [p.name for p in files.held] == ["one.db"]
    files.close()
