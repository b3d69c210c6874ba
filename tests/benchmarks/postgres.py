"""Dagster's history in Postgres: connections, rows and bytes a run, with the pools and with stock dagster-postgres, and
the time to append an event to 10^5 others. On a server of its own (PostgreSQL has to be installed); a run is the one of
the tests, two assets and a check."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from genaiops_assets.orchestration.postgres.address import with_driver
from genaiops_assets.orchestration.postgres.storage import Pool, PooledPostgresStorage
from tests.benchmarks.harness import Figure, report
from tests.orchestration.postgres.runs import run_once
from tests.support.postgres import Server, server, why_not

RUNS, EVENTS, APPENDED = 5, 100_000, 200
POOLED = {"module": "genaiops_assets.orchestration.postgres.storage", "class": "PooledPostgresStorage"}


def storage_of(kind: str, url: str) -> dict[str, Any]:
    if kind == "stock":
        return {"storage": {"postgres": {"postgres_url": with_driver(url)}}}
    return {"storage": {"custom": {**POOLED, "config": {"postgres_url": url}}}}


def runs_of(kind: str, found: Server) -> tuple[float, float]:
    """(connections, seconds) a run, after a first one."""
    found.sql(f"create database {kind}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "dagster.yaml").write_text(yaml.safe_dump(storage_of(kind, found.url(kind))))
        with dg.DagsterInstance.from_config(folder) as instance:
            run_once(instance)
            before, began = found.connections(), time.perf_counter()
            for _ in range(RUNS):
                run_once(instance)
            return (found.connections() - before) / RUNS, (time.perf_counter() - began) / RUNS


def append_times(found: Server) -> float:
    """Median milliseconds of an event, after 10^5 others."""
    found.sql(
        "insert into event_logs (run_id, event, dagster_event_type, timestamp) select 'r' || i % 500, "
        f"repeat('x', 900), 'STEP_OUTPUT', now() from generate_series(1, {EVENTS}) i",
        "pooled",
    )
    storage = PooledPostgresStorage(Pool(with_driver(found.url("pooled")))).event_log_storage
    taken = []
    for i in range(APPENDED):
        entry = dg.EventLogEntry(
            error_info=None, level=20, user_message=f"{i}", run_id="r1", timestamp=time.time(), dagster_event=None
        )
        began = time.perf_counter()
        storage.store_event(entry)
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> None:
    reason = why_not("initdb", "pg_ctl", "postgres")
    if reason:
        sys.exit(f"not run: {reason}")
    with server() as found:
        stock, stock_time = runs_of("stock", found)
        pooled, pooled_time = runs_of("pooled", found)
        rows, size = found.sql("select count(*), sum(pg_column_size(e)) from event_logs e", "pooled")[0]
        append = append_times(found)
    report(
        "postgres",
        [
            Figure("new connections a run, stock", stock, ""),
            Figure("new connections a run, pooled", pooled, "", at_most=1),
            Figure("seconds a run, stock", stock_time, "s"),
            Figure("seconds a run, pooled", pooled_time, "s"),
            Figure("event rows a run", float(str(rows)) / (RUNS + 1), ""),
            Figure("bytes of events a run", float(str(size)) / (RUNS + 1), "B"),
            Figure("append an event after 10^5", append, "ms", at_most=20),
        ],
    )


if __name__ == "__main__":
    main()
