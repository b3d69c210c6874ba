"""The newest result of each check, as Dagster's event log has it.

Belongs here: reading those results. Does not belong here: writing them down (`sensors/checks.py`), what a check looks
at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import dagster as dg

LOOK_BACK = 5  # executions of one check, newest first


@dataclass(frozen=True)
class Evaluation:
    """The newest result of one check: its event, the run it came from ("" for one recorded outside of runs)."""

    event: int
    run: str
    verdict: str

    @property
    def red(self) -> bool:
        return self.verdict == "failed"


def newest_results(
    instance: dg.DagsterInstance, keys: Collection[dg.AssetCheckKey]
) -> dict[dg.AssetCheckKey, Evaluation]:
    """Of each check that has one; one that is planned or under way has none."""
    found = {}
    for key, record in instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys)).items():
        data = record.event.dagster_event.event_specific_data if record.event and record.event.dagster_event else None
        if isinstance(data, dg.AssetCheckEvaluation):
            found[key] = Evaluation(record.id, record.run_id or "", verdict_of(data))
    return found


def newest_finished(
    instance: dg.DagsterInstance, keys: Collection[dg.AssetCheckKey]
) -> dict[dg.AssetCheckKey, Evaluation]:
    """As `newest_results`; of a check that is planned or under way the result before, since a run that asks for the
    state of all checks has planned some of them itself."""
    found = newest_results(instance, keys)
    for key in set(keys) - set(found):
        for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=LOOK_BACK):
            event = record.event.dagster_event if record.event else None
            if event is not None and isinstance(event.event_specific_data, dg.AssetCheckEvaluation):
                found[key] = Evaluation(record.id, record.run_id or "", verdict_of(event.event_specific_data))
                break
    return found


def verdict_of(evaluation: dg.AssetCheckEvaluation) -> str:
    """`passed`, `warned` or `failed`."""
    if evaluation.passed:
        return "passed"
    return "failed" if evaluation.severity == dg.AssetCheckSeverity.ERROR else "warned"
