"""What the sensors that request a refresh share: one purpose, so that one refresh runs at a time, and when the last
one was.

Belongs here: that. Does not belong here: what calls for a refresh (`inbox.py`, `freshness.py`).
"""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.lake import digest_of
from genaiops_assets.orchestration.requests import limits_of
from genaiops_assets.use_case import UseCase
from sensors.contract import Observe, requesting_sensor


def refresh_sensor(uc: UseCase, name: str, observe: Observe, every: int, description: str) -> dg.SensorDefinition:
    limits = limits_of("a refresh", uc.monitoring.sensors)
    return requesting_sensor(
        uc, name, job="refresh", purpose="refresh", limits=limits, observe=observe, every=every, description=description
    )


def cause_of(instance: dg.DagsterInstance, uc: UseCase, now: Any, indexed: Any, at: str) -> str:
    """Names a state that differs from the one indexed `at`; a state that comes back after a refresh is a new cause."""
    refreshed = last_refresh(instance, uc)
    return digest_of([now, indexed, at, refreshed.isoformat() if refreshed else None])[:24]


def last_refresh(instance: dg.DagsterInstance, uc: UseCase) -> datetime | None:
    """When the index was last materialized, also when nothing had changed."""
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "embeddings_index"]))
    return datetime.fromtimestamp(event.timestamp, UTC) if event else None
