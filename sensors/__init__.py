"""What is watched: the inbox, interactions, drift, feedback, failed runs. Thin: decisions are made in `genaiops_assets.governance.retraining`
and in the assets that wrote the numbers read here."""

from typing import Any

import dagster as dg

from genaiops_assets.use_case import UseCase
from sensors.failures import run_failure_to_ledger
from sensors.inbox import inbox_sensor
from sensors.interactions import interactions_sensor
from sensors.retraining import drift_sensor, feedback_sensor


def use_case_sensors(uc: UseCase) -> list[Any]:
    """The sensors of one use case, all on by default."""
    return [automation_sensor(uc.name), inbox_sensor(uc), interactions_sensor(uc), drift_sensor(uc), feedback_sensor(uc)]


def automation_sensor(name: str) -> dg.AutomationConditionSensorDefinition:
    """The policies of one use case, broken or not: without its own sensor they would wait for Dagster's default one, which is off."""
    return dg.AutomationConditionSensorDefinition(
        f"{name}__automation",
        target=dg.AssetSelection.key_prefixes([name]),
        default_status=dg.DefaultSensorStatus.RUNNING,
        run_tags={"genaiops/requested_by": "automation"},
        description="Runs what nobody requested: new model versions, and whatever a changed input left behind.",
    )


def shared_sensors() -> list[Any]:
    return [run_failure_to_ledger]


__all__ = ["shared_sensors", "use_case_sensors"]
