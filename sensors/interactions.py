"""New interactions: enough of them since the last report refresh the day's interactions and drift report."""

import json

import dagster as dg

from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.orchestration.requests import limits_of
from genaiops_assets.serving import counter
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Quiet, requesting_sensor


def interactions_sensor(uc: UseCase) -> dg.SensorDefinition:
    return requesting_sensor(
        uc,
        "new_interactions",
        job="monitor",
        purpose="interactions",
        limits=limits_of("a report", uc.monitoring.sensors),
        observe=lambda _, platform: new_interactions(platform.lake, uc),
        every=60,
        description="Interactions logged today: measures drift again when enough new ones came.",
        shows=lambda platform, fact: seen(platform.lake, uc, fact),
    )


def seen(lake: Lake, uc: UseCase, fact: Fact) -> dg.AssetMaterialization:
    """The event of `traffic`: how much was asked, and the release that answered."""
    now = production_release(lake, uc)
    return dg.AssetMaterialization(
        dg.AssetKey([uc.name, "traffic"]),
        metadata={"release": now.model_version if now else "none", "seen": fact.numbers},
        tags={"dagster/data_version": digest_of(fact.cause)[:16]},
    )


def new_interactions(lake: Lake, uc: UseCase) -> Fact | Quiet:
    if not lake.store.exists(counter(uc)):
        return Quiet("nothing was asked yet")
    logged = json.loads(lake.store.read(counter(uc)))
    if lake.heads.get(uc.key("golden_set")) is None:
        return Quiet("no golden set to compare with yet")
    reported = reported_rows(lake, uc, logged["day"])
    needed = uc.monitoring.drift.min_interactions
    numbers = f"{logged['rows']} interactions on {logged['day']}, {reported} reported"
    if logged["rows"] - reported < needed:
        return Quiet(f"{numbers}; {needed} new ones make a report")
    return Fact(f"{logged['day']}:{logged['rows']}", numbers, partition_key=logged["day"])


def reported_rows(lake: Lake, uc: UseCase, day: str) -> int:
    """How many of the day's interactions the last drift report saw."""
    if lake.heads.get(uc.key("drift_report"), day) is None:
        return 0
    seen = lake.current(uc.key("drift_report"), day).summary["figures"]["interactions"]
    return int(lake.artifacts.get(uc.key("interactions"), seen).summary["figures"]["interactions"])
