"""Asset `production_model`: which model version is released. External: only the promote and rollback jobs write it."""

from typing import Any

import dagster as dg

from genaiops_assets.orchestration.approval_checks import agreement
from genaiops_assets.orchestration.phases import check, external
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def production_assets(uc: UseCase) -> list[Any]:
    production_model = external(
        uc,
        "release",
        "production_model",
        deps=["release_decision"],
        article="article-14.4",
        description="The released model version. Only the promote and rollback jobs write it: lake pointer and "
        "ledger first, then this event.",
    )

    @check(
        uc,
        "production_model",
        description="Pointer, ledger and Dagster's event log name the same version, and its approval still holds.",
    )
    def event_log_agrees_with_pointer(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        return agreement(context.instance, platform.lake, uc)

    return [production_model, event_log_agrees_with_pointer]
