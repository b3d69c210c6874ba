"""Overdue freshness: an index that was not refreshed for too long (the machine slept through its schedule) is refreshed once a day."""

from datetime import UTC, datetime

import dagster as dg

from genaiops_assets.governance import limits_of
from genaiops_assets.use_case import UseCase
from sensors import contract
from sensors.contract import Fact, Quiet, requesting_sensor
from sensors.inbox import PURPOSE


def freshness_sensor(uc: UseCase) -> dg.SensorDefinition:
    return requesting_sensor(
        uc,
        "overdue_index",
        job="refresh",
        purpose=PURPOSE,
        limits=limits_of("a refresh", uc.monitoring.sensors),
        observe=lambda context, _: overdue_index(context.instance, uc),
        every=300,
        description="The age of the index: requests a refresh when the nightly one did not happen.",
    )


def overdue_index(instance: dg.DagsterInstance, uc: UseCase) -> Fact | Quiet:
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "embeddings_index"]))
    if event is None:
        return Quiet("no index yet")
    now, made, limit = contract.now(), datetime.fromtimestamp(event.timestamp, UTC), uc.monitoring.sensors.freshness_hours
    age = (now - made).total_seconds() / 3600
    numbers = f"the index was refreshed on {made.isoformat(timespec='seconds')}, {age:.1f} h ago; {limit:g} h make it overdue"
    if age <= limit:
        return Quiet(numbers)
    return Fact(f"overdue:{made.isoformat()}:{now.date().isoformat()}", numbers)
