"""A drift report that recommends a newer index requests the refresh of the corpus side, once for these questions."""

import dagster as dg

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Quiet
from sensors.refresh import refresh_sensor
from sensors.retraining import action_of, advised_day

REFRESH = "refresh index"


def drift_refresh_sensor(uc: UseCase) -> dg.SensorDefinition:
    about = "A drift report of today or yesterday that recommends a newer index requests one refresh."
    return refresh_sensor(uc, "drift_refresh", lambda _, platform: outdated(platform.lake, uc), 30, about)


def outdated(lake: Lake, uc: UseCase) -> Fact | Quiet:
    found = advised_day(lake, uc)
    if found is None or action_of(found[1]) != REFRESH:
        return Quiet("no report of today or yesterday recommends a newer index")
    day, figures = found
    return Fact(f"drift:{day}:{figures['interactions'][:16]}", f"drift on {day}: {figures.get('why', '')}")
