"""Asset `production_model`: which model version is released. External: only the promote and rollback jobs write it."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.anchors import newest_anchor
from genaiops_assets.governance.release import (
    approval_of,
    has_expired,
    override_in_words,
    production_release,
    revocation_of,
)
from genaiops_assets.orchestration.approval_checks import agreement
from genaiops_assets.orchestration.phases import check, data_gate, external, notice
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

    @check(
        uc, "production_model", description="The released version still passes the gates, by its newest re-evaluation."
    )
    def production_still_passes(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        days = sorted(lake.heads.partitions(uc.key("production_evaluation")))
        now = production_release(lake, uc)
        if not days or now is None:
            return notice(True, verdict="not evaluated again yet")
        found = lake.current(uc.key("production_evaluation"), days[-1]).summary["figures"]
        of_this_version = found["model_version"] == now.model_version
        return data_gate(
            not of_this_version or found["verdict"] != "no_go",
            day=days[-1],
            verdict=found["verdict"],
            of=found["model_version"],
        )

    @check(
        uc,
        "production_model",
        description="The ledger's head was noted outside the home within the days that `anchors` asks for. Without "
        "that section, or anchors.yaml in the home, nothing is asked. Asked daily: time alone turns it red.",
    )
    def ledger_is_anchored(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        age = newest_anchor(platform.lake, [uc])
        if not age.configured:
            return notice(True, state="no place is configured: who writes in the home can write the ledger anew")
        return data_gate(
            not age.problem,
            problem=age.problem or "none",
            newest=age.newest or "none",
            within_days=age.within_days,
        )

    @check(
        uc, "production_model", description="What answers was not revoked, and what it did not show is accepted today."
    )
    def nothing_forbids_what_answers(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        now = production_release(lake, uc)
        if now is None:
            return notice(True, state="nothing is in production")
        gone = revocation_of(lake, uc, now.model_version)
        override = approval_of(lake, uc, now.model_version).override
        over = has_expired(override, datetime.now(UTC).date())
        return data_gate(
            not gone and not over,
            revoked=gone.in_words() if gone else "no",
            override=override_in_words(override) or "none",
            acceptance="over" if over else "holds" if override else "not needed",
        )

    return [
        production_model,
        event_log_agrees_with_pointer,
        production_still_passes,
        ledger_is_anchored,
        nothing_forbids_what_answers,
    ]
