"""The job `rollout_step`: takes the step of a rollout that follows from what was shown, if any.

Belongs here: the job and the event it leaves on production. Does not belong here: the tests and steps
(`governance/rollout`), the report people read (an asset, which releases nothing)."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.release import production_release
from genaiops_assets.governance.rollout import act
from genaiops_assets.orchestration.decision_jobs import refusals, show_release
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

STEP = "rollout_step"


def rollout_jobs(uc: UseCase) -> list[Any]:
    @dg.op(name=f"{uc.name}__take_{STEP}")
    def take_step(context: dg.OpExecutionContext, platform: Platform) -> None:
        """On to the canary, a release with the approval people gave, or the end of the rollout."""
        before = production_release(platform.lake, uc)
        with refusals():
            state = act(platform.lake, uc)
        now = production_release(platform.lake, uc)
        if now is not None and now != before:
            show_release(context.instance, platform.lake, uc, now)
        context.log.info(f"{state.candidate}: {state.ended or state.stage}" if state else "no rollout was started")

    @dg.job(
        name=f"{uc.name}__{STEP}",
        description="Take the step of the rollout that follows from what was shown so far, if any.",
        executor_def=dg.in_process_executor,
    )
    def rollout_step() -> None:
        take_step()

    return [rollout_step]
