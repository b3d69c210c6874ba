"""What the sensors that request a refresh share: one purpose, so that one refresh runs at a time, and when the last one was.

Belongs here: that. Does not belong here: what calls for a refresh (`inbox.py`, `freshness.py`).
"""

from datetime import UTC, datetime

import dagster as dg

from genaiops_assets.governance import limits_of
from genaiops_assets.use_case import UseCase
from sensors.contract import Observe, requesting_sensor


def refresh_sensor(uc: UseCase, name: str, observe: Observe, every: int, description: str) -> dg.SensorDefinition:
    limits = limits_of("a refresh", uc.monitoring.sensors)
    return requesting_sensor(
        uc, name, job="refresh", purpose="refresh", limits=limits, observe=observe, every=every, description=description
    )


def last_refresh(instance: dg.DagsterInstance, uc: UseCase) -> datetime | None:
    """When the index was last materialized, also when nothing had changed."""
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "embeddings_index"]))
    return datetime.fromtimestamp(event.timestamp, UTC) if event else None
