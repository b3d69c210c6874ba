"""Drift, feedback and a changed base model: each may request one retraining, under one cooldown, one budget and one
pause switch."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from genaiops_assets.alignment import new_feedback, planned_base
from genaiops_assets.lake import Lake, UnresolvedReference, digest_of, reference_stamp
from genaiops_assets.orchestration.requests import limits_of
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Observe, Quiet, requesting_sensor

RETRAIN, NOTHING = "retrain", "nothing"


def retraining_sensor(
    uc: UseCase, name: str, job: str, observe: Observe, every: int, description: str
) -> dg.SensorDefinition:
    limits = limits_of("a retraining", uc.monitoring.sensors, uc.monitoring.retraining)
    return requesting_sensor(
        uc,
        name,
        job=job,
        purpose="retraining",
        limits=limits,
        observe=observe,
        every=every,
        description=description,
        shows=lambda _, fact: requested(uc, fact),
    )


def requested(uc: UseCase, fact: Fact) -> dg.AssetMaterialization:
    """The event of `retraining_request`: what was asked for and why."""
    return dg.AssetMaterialization(
        dg.AssetKey([uc.name, "retraining_request"]),
        metadata={"cause": fact.cause, "why": fact.numbers},
        tags={"dagster/data_version": digest_of(fact.cause)[:16]},
    )


def drift_sensor(uc: UseCase) -> dg.SensorDefinition:
    about = (
        "A drift report of today or yesterday that recommends a retraining requests one, with the questions that were "
        "asked. Where it recommends documents or a newer index, a task is opened instead."
    )
    return retraining_sensor(uc, "drift_retraining", "retrain", lambda _, platform: drift(platform.lake, uc), 60, about)


def drift(lake: Lake, uc: UseCase) -> Fact | Quiet:
    found = advised_day(lake, uc)
    if found is None:
        return Quiet("no drift in the reports of today and yesterday")
    day, figures = found
    if (action := action_of(figures)) != RETRAIN:
        return Quiet(f"the report of {day} recommends: {action}. No retraining: {figures.get('why', '')}")
    distance, p = figures["centroid_distance"], figures["p_value"]
    numbers = f"drift on {day}: centroid distance {distance}, p {p}, {figures['n_current']} questions"
    config = {"ops": {f"{uc.name}__preference_pairs": {"config": {"focus": figures["interactions"]}}}}
    return Fact(f"drift:{day}", numbers, run_config=config)


def feedback_sensor(uc: UseCase) -> dg.SensorDefinition:
    about = "Enough new human preferences in the feedback folder request one retraining."
    return retraining_sensor(
        uc, "feedback_retraining", "retrain", lambda _, platform: feedback(platform.lake, uc), 60, about
    )


def feedback(lake: Lake, uc: UseCase) -> Fact | Quiet:
    if lake.heads.get(uc.key("preference_pairs")) is None:
        return Quiet("no preference pairs yet: the first plan takes in all feedback there is")
    new, needed = new_feedback(lake, uc), uc.monitoring.retraining.min_feedback
    if len(new) < needed:
        return Quiet(f"{len(new)} human preferences that the pairs were made without; {needed} justify a retraining")
    return Fact(f"feedback:{digest_of(new)[:16]}", f"{len(new)} new human preferences")


def base_model_sensor(uc: UseCase) -> dg.SensorDefinition:
    about = "The base model the use case names: another reference, revision or file requests one retraining from it."
    return retraining_sensor(
        uc, "base_model_changed", "plan", lambda _, platform: base_model(platform.lake, uc), 120, about
    )


def base_model(lake: Lake, uc: UseCase) -> Fact | Quiet:
    planned = planned_base(lake, uc)
    if planned is None or lake.heads.get(uc.key("model_plan")) is None:
        return Quiet("no model plan yet")
    try:
        stamp = reference_stamp(uc.model.base, uc.folder)
    except UnresolvedReference as error:
        return Quiet(f"the base model cannot be looked at: {error}")
    if stamp == planned:
        return Quiet(f"{uc.model.base} is as it was when the last plan was made")
    return Fact(f"base_model:{stamp[:24]}", f"{uc.model.base} is not as it was when the last plan was made")


def advised_day(lake: Lake, uc: UseCase) -> tuple[str, dict[str, Any]] | None:
    """(day, figures) of the newest report of the last two days that recommends to do something."""
    for back in (0, 1):
        day = (datetime.now(UTC) - timedelta(days=back)).date().isoformat()
        if lake.heads.get(uc.key("drift_report"), day) is not None:
            figures = lake.current(uc.key("drift_report"), day).summary["figures"]
            if action_of(figures) != NOTHING:
                return day, figures
    return None


def action_of(figures: dict[str, Any]) -> str:
    """What a report recommends; earlier versions only said whether there was drift."""
    return str(figures.get("recommendation") or (RETRAIN if figures["drifted"] else NOTHING))
