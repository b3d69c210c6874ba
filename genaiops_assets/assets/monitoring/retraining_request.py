"""Asset `retraining_request`: what was asked for and why. External: the retraining sensors write its events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from genaiops_assets.orchestration.phases import check, external, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

PATIENCE = timedelta(days=1)


def retraining_request_assets(uc: UseCase) -> list[Any]:
    retraining_request = external(
        uc,
        "monitoring",
        "retraining_request",
        deps=["drift_report"],
        article="article-72.2",
        description="The last request for a retraining: its cause in numbers. The new plan follows from it, in a run "
        "of its "
        "own; an edge back to the pairs would close a circle.",
    )

    @check(uc, "retraining_request", description="A request is followed by a new plan within a day.")
    def request_was_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        event = context.instance.get_latest_materialization_event(dg.AssetKey([uc.name, "retraining_request"]))
        asked = datetime.fromtimestamp(event.timestamp, UTC) if event else None
        # The run's own event: the same plan made again is an answer too, and moves no head of the lake.
        plan = context.instance.get_latest_materialization_event(dg.AssetKey([uc.name, "model_plan"]))
        answered = bool(plan and asked and datetime.fromtimestamp(plan.timestamp, UTC) >= asked)
        late = asked is not None and not answered and datetime.now(UTC) - asked > PATIENCE
        return notice(not late, asked=asked.isoformat(timespec="seconds") if asked else "never", answered=answered)

    return [retraining_request, request_was_answered]
