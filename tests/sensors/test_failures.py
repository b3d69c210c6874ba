"""Failed runs: each is one entry of the ledger."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from genaiops_assets.orchestration.platform import Platform
from sensors.failures import MESSAGE_LIMIT, run_failure_to_ledger
from tests.sensors.watch import permanent_failure


def failed_context(instance: dg.DagsterInstance, home: Path) -> dg.RunFailureSensorContext:
    result = permanent_failure.execute_in_process(
        instance=instance, raise_on_error=False, tags={"dagster/partition": "mv-1"}
    )
    event = next(e for e in result.all_events if e.event_type == dg.DagsterEventType.RUN_FAILURE)
    return dg.build_run_status_sensor_context(
        sensor_name="run_failure_to_ledger",
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        resources={"platform": Platform(home=str(home))},
    ).for_run_failure()


def test_a_failed_run_is_one_ledger_entry_however_often_it_is_seen(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    context = failed_context(instance, tmp_path)
    run_failure_to_ledger(context)
    run_failure_to_ledger(context)
    lake = Platform(home=str(tmp_path)).lake
    (entry,) = lake.ledger.entries("run_failed")
    assert entry.body["run_id"] == context.dagster_run.run_id
    assert (entry.body["job"], entry.body["partition"]) == ("permanent_failure", "mv-1")
    assert entry.body["error"] and len(entry.body["error"]) <= MESSAGE_LIMIT
    assert lake.ledger.problems() == []


def test_two_failed_runs_are_two_entries(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    for _ in range(2):
        run_failure_to_ledger(failed_context(instance, tmp_path))
    assert len(list(Platform(home=str(tmp_path)).lake.ledger.entries("run_failed"))) == 2
