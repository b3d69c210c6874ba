"""A home moves to Postgres with every run and event, also when the move is killed; old steps are pruned there."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import application
from genaiops_assets.orchestration.postgres import migration
from genaiops_assets.orchestration.postgres.address import with_driver
from genaiops_assets.orchestration.postgres.migration import MoveRefused, move
from genaiops_assets.orchestration.postgres.retention import KEPT, prunable, prune
from genaiops_assets.orchestration.postgres.storage import Pool, PooledPostgresStorage
from tests.orchestration.postgres.runs import first, run_once
from tests.support.postgres import Server

Log = list[tuple[str | None, str, float]]


def lived(home: Path, runs: int = 3) -> None:
    """Runs, an event outside of runs, a partition, a tick's cursor, a run that failed."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        for _ in range(runs):
            run_once(instance)
        instance.report_runless_asset_event(dg.AssetMaterialization("outside"))
        instance.add_dynamic_partitions("versions", ["mv-1", "mv-2"])
        instance.daemon_cursor_storage.set_cursor_values({"cursor": "7"})


def all_of(home: Path) -> dict[str, object]:
    """What a home's history says, by Dagster itself."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        logs: dict[str, Log] = {}
        for run in instance.get_runs():
            logs[run.run_id] = sorted(
                ((e.dagster_event_type.value if e.dagster_event_type else None), e.to_json(), e.timestamp)
                for e in instance.all_logs(run.run_id)
            )
        keys = sorted(instance.get_asset_keys(), key=str)
        newest = {str(k): instance.get_latest_materialization_event(k).to_json() for k in keys}  # type: ignore[union-attr]
        ids = {str(k): [r.storage_id for r in instance.fetch_materializations(k, limit=10).records] for k in keys}
        check = dg.AssetCheckKey(dg.AssetKey("second"), "judged")
        checks = [
            (r.id, r.status.value, r.run_id)
            for r in instance.event_log_storage.get_asset_check_execution_history(check, limit=10)
        ]
        return {
            "runs": sorted((r.run_id, r.status.value, sorted(r.tags.items())) for r in instance.get_runs()),
            "logs": logs, "newest": newest, "ids": ids, "checks": checks,
            "partitions": instance.get_dynamic_partitions("versions"),
            "cursor": instance.daemon_cursor_storage.get_cursor_values({"cursor"}),
        }  # fmt: skip


def test_nothing_is_lost_and_ids_stay(home: Path, url: str) -> None:
    lived(home)
    before = all_of(home)
    for words in ("3 runs with", "they were there already"):
        told = CliRunner().invoke(application(["migrate-storage"]), ["migrate-storage"])
        assert told.exit_code == 0, told.output
        assert words in " ".join(told.output.split())
    assert all_of(home) == before
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        assert type(instance.event_log_storage).__name__ != "SqliteEventLogStorage"
        top = max(r.storage_id for r in instance.fetch_materializations(dg.AssetKey("second"), limit=1).records)
        run_once(instance)  # and it goes on, with ids above all others
        assert instance.fetch_materializations(first.key, limit=1).records[0].storage_id > top
        assert instance.get_runs_count() == 4


def killed_in_the_middle(dagster_home: str, url: str) -> None:
    """A process that dies within the transaction of its second run."""
    copied = migration.copy_run
    seen = []

    def dying(*given: object) -> None:
        if seen:
            migration.batches = lambda rows: os._exit(9)  # type: ignore[assignment, misc]
        seen.append(given)
        copied(*given)  # type: ignore[arg-type]

    migration.copy_run = dying  # type: ignore[assignment]
    move(Path(dagster_home), url)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_killed_move_completes(home: Path, url: str, database: str, postgres: Server, goes_on: bool) -> None:
    lived(home)
    PooledPostgresStorage(Pool(with_driver(url)))
    child = multiprocessing.get_context("spawn").Process(
        target=killed_in_the_middle, args=(str(home / "dagster"), with_driver(url))
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    assert postgres.sql("select count(*) from genaiops_moved where what like 'run %'", database) == [(1,)]
    if goes_on:
        lived(home, runs=1)  # the home is used before the second attempt
    before = all_of(home)
    told = CliRunner().invoke(application(["migrate-storage"]), ["migrate-storage"])
    assert told.exit_code == 0, told.output
    assert all_of(home) == before


def test_a_database_of_somebody_else_is_refused(home: Path, url: str, tmp_path: Path) -> None:
    lived(home, runs=1)
    storage = PooledPostgresStorage(Pool(with_driver(url)))
    with storage.event_log_storage._engine.connect() as connection:
        connection.exec_driver_sql("insert into event_logs (run_id, event, timestamp) values ('x', '{}', now())")
    with pytest.raises(MoveRefused, match="did not come from this home"):
        move(home / "dagster", with_driver(url))


def test_what_did_not_arrive_is_named(home: Path, url: str, database: str, postgres: Server) -> None:
    lived(home, runs=1)
    PooledPostgresStorage(Pool(with_driver(url)))
    move(home / "dagster", with_driver(url))
    postgres.sql("delete from event_logs where dagster_event_type = 'STEP_START'", database)
    with pytest.raises(MoveRefused, match="not everything arrived"):
        move(home / "dagster", with_driver(url))


def test_old_steps_go_and_what_answers_questions_stays(home: Path, url: str, database: str, postgres: Server) -> None:
    lived(home)
    CliRunner().invoke(application(["migrate-storage"]), ["migrate-storage"])
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        engine = instance.event_log_storage._engine  # type: ignore[attr-defined]
        later = datetime.now(UTC) + timedelta(days=91)
        assert prunable(engine, 90).rows == 0
        found = prune(engine, 90, later)
        assert found.runs == 3 and found.rows > 0
        assert prunable(engine, 90, later).rows == 0
        kinds = {row[0] for row in postgres.sql("select distinct dagster_event_type from event_logs", database)}
        assert kinds <= set(KEPT) and {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "RUN_SUCCESS"} & kinds
        assert instance.get_latest_materialization_event(first.key) is not None
        assert instance.get_runs_count() == 3
    told = CliRunner().invoke(application(["prune-events"]), ["prune-events"])
    assert "0 events" in told.output


def test_the_files_are_only_read(home: Path, url: str) -> None:
    lived(home, runs=1)
    index = home / "dagster" / "history" / "runs" / "index.db"
    with closing(sqlite3.connect(index)) as db:
        before = db.execute("select count(*), max(id) from event_logs").fetchall()
    PooledPostgresStorage(Pool(with_driver(url)))
    move(home / "dagster", with_driver(url))
    with closing(sqlite3.connect(index)) as db:
        assert db.execute("select count(*), max(id) from event_logs").fetchall() == before
