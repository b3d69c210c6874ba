"""Failed runs go into the ledger: an audit asks for what went wrong, not only for what went well."""

import dagster as dg

from genaiops_assets.orchestration.platform import Platform

MESSAGE_LIMIT = 500


@dg.run_failure_sensor(
    name="run_failure_to_ledger",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
    description="Writes every failed run into the ledger.",
)
def run_failure_to_ledger(context: dg.RunFailureSensorContext, platform: Platform) -> None:
    run = context.dagster_run
    if any(e.body["run_id"] == run.run_id for e in platform.lake.ledger.entries("run_failed")):
        return
    error = context.failure_event.message or ""
    body = {
        "run_id": run.run_id,
        "job": run.job_name,
        "partition": run.tags.get("dagster/partition"),
        "error": error[:MESSAGE_LIMIT],
    }
    platform.lake.ledger.append("run_failed", body)
