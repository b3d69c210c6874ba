"""Check `nothing_jumped` on `drift_report`: volume, refusals, gaps and seconds of a day beside the days before.

Belongs here: how that check looks. Does not belong here: the rule (`drift/jumps.py`), telling people
(`orchestration/alerting.py`)."""

from datetime import date, timedelta
from typing import Any

import dagster as dg

from genaiops_assets.drift import Jumps, find_jumps
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.phases import check, data_gate, days_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

NAME = "drift_report"


def traffic_jump_checks(uc: UseCase) -> list[Any]:
    @check(
        uc,
        NAME,
        partitions_def=days_of(uc),
        description="Neither volume nor the shares of refusals, gaps, answers without passages and masked data, nor "
        "the seconds of the day are a multiple of the median of the days before (`monitoring.alerts`).",
    )
    def nothing_jumped(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, day, alerts = platform.lake, context.partition_key, uc.monitoring.alerts
        rule = Jumps(**alerts.model_dump(exclude={"days"}))
        earlier = days_before(lake, uc, day, alerts.days)
        found = find_jumps(lake.current(uc.key(NAME), day).summary["figures"], earlier, rule)
        told = "; ".join(jump.in_words() for jump in found) or "nothing"
        return data_gate(not found, jumped=told, compared_with=f"{len(earlier)} days before")

    return [nothing_jumped]


def days_before(lake: Lake, uc: UseCase, day: str, days: int) -> list[dict[str, Any]]:
    """The figures of the reports of so many days before a day, as far as there are any."""
    first = (date.fromisoformat(day) - timedelta(days=days)).isoformat()
    known = sorted(d for d in lake.heads.partitions(uc.key(NAME)) if first <= d < day)
    return [dict(lake.current(uc.key(NAME), d).summary["figures"]) for d in known]
