"""A check of `production_model`: whether a person stopped serving it.

Belongs here: showing the kill switch where Dagster shows production. Does not belong here: the stop itself
(`governance/serving_stop.py`)."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.serving_stop import LIFT, stop_of
from genaiops_assets.orchestration.phases import check, data_gate, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def serving_checks(uc: UseCase) -> list[Any]:
    @check(uc, "production_model", description="No person stopped serving: genaiops stop-serving, and --lift after it.")
    def serving_is_not_stopped(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        stop = stop_of(platform.lake, uc.name)
        if stop is None:
            return notice(True, state="nobody stopped it")
        return data_gate(False, state=stop.in_words(), to_lift_it=LIFT)

    return [serving_is_not_stopped]
