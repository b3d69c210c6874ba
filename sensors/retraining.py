"""Drift and feedback: each may request one retraining, under one cooldown, one budget and one pause switch."""

import json
from datetime import timedelta

import dagster as dg

from genaiops_assets.alignment import read_feedback
from genaiops_assets.assets.alignment import feedback_folder
from genaiops_assets.assets.jobs import job_name
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import key_of
from genaiops_assets.governance import Go, decide_retraining
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.use_case import UseCase
from sensors.runs import CAUSE, PURPOSE, attempts, now


def drift_sensor(uc: UseCase) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"{uc.name}__drift_retraining",
        job_name=job_name(uc, "retrain"),
        minimum_interval_seconds=20,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="A drift report of today or yesterday that found drift requests one retraining with the questions that were asked.",
    )
    def drift_retraining(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult | dg.SkipReason:
        found = drifted_day(platform.lake, uc)
        if found is None:
            return dg.SkipReason("no drift in the reports of today and yesterday")
        day, figures = found
        numbers = (
            f"drift on {day}: centroid distance {figures['centroid_distance']}, p {figures['p_value']}, {figures['n_current']} questions"
        )
        config = {"ops": {f"{uc.name}__preference_pairs": {"config": {"focus": figures["interactions"]}}}}
        return request(context, uc, f"drift:{day}", numbers, config)

    return drift_retraining


def feedback_sensor(uc: UseCase) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"{uc.name}__feedback_retraining",
        job_name=job_name(uc, "retrain"),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Enough new human preferences in the feedback folder request one retraining.",
    )
    def feedback_retraining(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult | dg.SkipReason:
        lake = platform.lake
        if lake.heads.get(key_of(uc, "preference_pairs")) is None:
            return dg.SkipReason("no preference pairs yet: the first plan takes in all feedback there is")
        used = lake.current(key_of(uc, "preference_pairs")).summary["figures"]["feedback_lines"]
        pairs = read_feedback(feedback_folder(lake, uc)).pairs
        needed = uc.monitoring.retraining.min_feedback
        if len(pairs) - used < needed:
            return dg.SkipReason(f"{len(pairs)} human preferences, {used} in the pairs; {needed} new ones justify a retraining")
        return request(context, uc, f"feedback:{digest_of(pairs)[:16]}", f"{len(pairs) - used} new human preferences", {})

    return feedback_retraining


def drifted_day(lake: Lake, uc: UseCase) -> tuple[str, dict] | None:  # type: ignore[type-arg]
    """(day, figures) of the newest report of the last two days that found drift."""
    for back in (0, 1):
        day = (now() - timedelta(days=back)).date().isoformat()
        if lake.heads.get(key_of(uc, "drift_report"), day) is not None:
            figures = lake.current(key_of(uc, "drift_report"), day).summary["figures"]
            if figures["drifted"]:
                return day, figures
    return None


def request(context: dg.SensorEvaluationContext, uc: UseCase, cause: str, numbers: str, config: dict) -> dg.SensorResult | dg.SkipReason:  # type: ignore[type-arg]
    """One run, or the reason why not now. The cursor notes the last cause that was answered, after its run succeeded."""
    purpose = f"{uc.name}:retraining"
    history = attempts(context.instance, purpose)
    decision = decide_retraining(cause, history, uc.monitoring.retraining, now())
    if not isinstance(decision, Go):
        done = any(a.cause == cause and a.state == "succeeded" for a in history)
        cursor = json.dumps({"schema_version": 1, "answered": cause}) if done else context.cursor
        return dg.SensorResult(skip_reason=f"{numbers}. {decision.reason}", cursor=cursor)
    run = dg.RunRequest(run_key=decision.run_key, run_config=config, tags={PURPOSE: purpose, CAUSE: cause})
    return dg.SensorResult(run_requests=[run], cursor=context.cursor)
