"""What is watched: the inbox, the sources, the age of the index, interactions, drift, feedback, ratings, rollouts, the
base model, golden questions and criteria, failed checks and runs. Thin: every sensor that requests a run follows
`contract.py`; the rules are in `genaiops_assets.orchestration.requests`, the numbers come from assets that wrote
them."""

from typing import Any

import dagster as dg

from genaiops_assets.use_case import UseCase
from sensors.checks import checks_sensor
from sensors.drift_refresh import drift_refresh_sensor
from sensors.failures import run_failure_to_ledger
from sensors.freshness import freshness_sensor
from sensors.inbox import inbox_sensor
from sensors.interactions import interactions_sensor
from sensors.judgement import judgement_sensor, production_judgement_sensor
from sensors.ratings import ratings_sensor
from sensors.retraining import base_model_sensor, drift_sensor, feedback_sensor
from sensors.rollout import rollout_report_sensor, rollout_step_sensor
from sensors.sources import sources_sensor

EACH = (
    inbox_sensor,
    sources_sensor,
    freshness_sensor,
    interactions_sensor,
    drift_sensor,
    drift_refresh_sensor,
    feedback_sensor,
    base_model_sensor,
    judgement_sensor,
    production_judgement_sensor,
    ratings_sensor,
    rollout_step_sensor,
    rollout_report_sensor,
    checks_sensor,
)


def use_case_sensors(uc: UseCase) -> list[Any]:
    """The sensors of one use case, all on by default."""
    return [automation_sensor(uc.name), *(sensor(uc) for sensor in EACH)]


def automation_sensor(name: str) -> dg.AutomationConditionSensorDefinition:
    """The policies of one use case, broken or not: without its own sensor they would wait for Dagster's default one,
    which is off."""
    return dg.AutomationConditionSensorDefinition(
        f"{name}__automation",
        target=dg.AssetSelection.key_prefixes([name]),
        use_user_code_server=True,  # one of our conditions is Python, not Dagster's own
        minimum_interval_seconds=90,  # one look costs half a second of a core
        default_status=dg.DefaultSensorStatus.RUNNING,
        run_tags={"genaiops/requested_by": "automation"},
        description="Runs what nobody requested: new model versions, and whatever a changed input left behind.",
    )


def shared_sensors() -> list[Any]:
    return [run_failure_to_ledger]


__all__ = ["shared_sensors", "use_case_sensors"]
