"""New interactions: enough of them since the last report refresh the day's interactions and drift report."""

import json

import dagster as dg

from genaiops_assets.assets.jobs import job_name
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import key_of
from genaiops_assets.lake import Lake
from genaiops_assets.serving import counter
from genaiops_assets.use_case import UseCase
from sensors.runs import CAUSE, PURPOSE, attempts


def interactions_sensor(uc: UseCase) -> dg.SensorDefinition:
    purpose = f"{uc.name}:interactions"

    @dg.sensor(
        name=f"{uc.name}__new_interactions",
        job_name=job_name(uc, "monitor"),
        minimum_interval_seconds=20,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Interactions logged today: measures drift again when enough new ones came.",
    )
    def new_interactions(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult | dg.SkipReason:
        lake = platform.lake
        if not lake.store.exists(counter(uc)):
            return dg.SkipReason("nothing was asked yet")
        logged = json.loads(lake.store.read(counter(uc)))
        if lake.heads.get(key_of(uc, "golden_set")) is None:
            return dg.SkipReason("no golden set to compare with yet")
        reported = reported_rows(lake, uc, logged["day"])
        needed = uc.monitoring.drift.min_interactions
        if logged["rows"] - reported < needed:
            return dg.SkipReason(f"{logged['rows']} interactions on {logged['day']}, {reported} reported; {needed} new ones make a report")
        cause = f"{logged['day']}:{logged['rows']}"
        history = attempts(context.instance, purpose)
        if any(a.state == "in_progress" for a in history):
            return dg.SkipReason(f"{logged['rows']} interactions on {logged['day']}, {reported} reported; a report is under way")
        own = [a for a in history if a.cause == cause]
        if any(a.permanent for a in own) or len(own) >= uc.monitoring.retraining.max_attempts:
            return dg.SkipReason(f"{len(own)} attempts to report on {logged['rows']} interactions failed; see the runs")
        request = dg.RunRequest(run_key=f"{cause}-{len(own) + 1}", partition_key=logged["day"], tags={PURPOSE: purpose, CAUSE: cause})
        return dg.SensorResult(run_requests=[request], cursor=json.dumps({"schema_version": 1, "reported": reported}))

    return new_interactions


def reported_rows(lake: Lake, uc: UseCase, day: str) -> int:
    """How many of the day's interactions the last drift report saw."""
    if lake.heads.get(key_of(uc, "drift_report"), day) is None:
        return 0
    seen = lake.current(key_of(uc, "drift_report"), day).summary["figures"]["interactions"]
    return int(lake.artifacts.get(key_of(uc, "interactions"), seen).summary["figures"]["interactions"])
