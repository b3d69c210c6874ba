"""Overdue freshness: an index that was not refreshed for too long (the machine slept through its schedule) is
refreshed once a day."""

import dagster as dg

from genaiops_assets.use_case import UseCase
from sensors import contract
from sensors.contract import Fact, Quiet
from sensors.refresh import last_refresh, refresh_sensor


def freshness_sensor(uc: UseCase) -> dg.SensorDefinition:
    about = "The age of the index: requests a refresh when the nightly one did not happen."
    return refresh_sensor(uc, "overdue_index", lambda tick, _: overdue_index(tick.instance, uc), 300, about)


def overdue_index(instance: dg.DagsterInstance, uc: UseCase) -> Fact | Quiet:
    made = last_refresh(instance, uc)
    if made is None:
        return Quiet("no index yet")
    now, limit = contract.now(), uc.monitoring.sensors.freshness_hours
    age = (now - made).total_seconds() / 3600
    numbers = (
        f"the index was refreshed on {made.isoformat(timespec='seconds')}, {age:.1f} h ago; {limit:g} h make it overdue"
    )
    if age <= limit:
        return Quiet(numbers)
    return Fact(f"overdue:{made.isoformat()}:{now.date().isoformat()}", numbers)
