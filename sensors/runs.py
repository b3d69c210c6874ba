"""What sensors know about earlier runs. Belongs here: reading run records by tag. Does not belong here: decisions."""

from datetime import UTC

import dagster as dg

from genaiops_assets.orchestration.failures import is_permanent
from genaiops_assets.orchestration.requests import Attempt
from genaiops_assets.orchestration.run_states import UNFINISHED

CAUSE, PURPOSE = "genaiops/cause", "genaiops/purpose"


def attempts(instance: dg.DagsterInstance, purpose: str, cause: str, limit: int = 50) -> list[Attempt]:
    """The newest runs with a purpose tag, as attempts. Why a run failed is looked up only for those of `cause`: logs
    are long."""
    records = instance.get_run_records(dg.RunsFilter(tags={PURPOSE: purpose}), limit=limit)
    return [attempt_of(instance, r, r.dagster_run.tags[CAUSE] == cause) for r in records]


def attempt_of(instance: dg.DagsterInstance, record: dg.RunRecord, why: bool) -> Attempt:
    run, at = record.dagster_run, record.create_timestamp
    when = at if at.tzinfo else at.replace(tzinfo=UTC)
    if run.status in UNFINISHED:
        return Attempt(run.tags[CAUSE], when, "in_progress")
    if run.status == dg.DagsterRunStatus.SUCCESS:
        return Attempt(run.tags[CAUSE], when, "succeeded")
    stopped = run.status == dg.DagsterRunStatus.CANCELED  # by a person: starting it again would overrule them
    return Attempt(
        run.tags[CAUSE], when, "failed", permanent=stopped or (why and failed_for_good(instance, run.run_id))
    )


def failed_for_good(instance: dg.DagsterInstance, run_id: str) -> bool:
    """A gate that closed or input that is wrong: not infrastructure, so repeating it changes nothing."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        data = entry.dagster_event.step_failure_data if entry.dagster_event else None
        if data and is_permanent(data):
            return True
    return False
