"""The job that notes the ledger's head where the use case or the home says so.

Belongs here: that job. Does not belong here: what an anchor is (`governance/anchors`), when it runs (schedules)."""

import dagster as dg

from genaiops_assets.governance.anchors import anchor_where_configured
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def anchoring_jobs(uc: UseCase) -> list[dg.JobDefinition]:
    """`<use case>__anchor`."""

    @dg.op(name=f"{uc.name}__anchor_ledger")
    def anchor_ledger(context: dg.OpExecutionContext, platform: Platform) -> None:
        """Notes the ledger's head in every configured place; fails where one could not be written."""
        made = anchor_where_configured(platform.lake, [uc])
        for place in made.written:
            context.log.info(f"entry {made.seq} of the ledger is anchored in {place}")
        if made.problems:
            raise PermanentFailure("; ".join(made.problems))

    @dg.job(
        name=f"{uc.name}__anchor",
        description="Notes the ledger's head outside the home, where `anchors` of the use case file or anchors.yaml of "
        "the home say: a ledger that was cut, forked or written anew shows then (genaiops verify).",
        executor_def=dg.in_process_executor,
    )
    def made() -> None:
        anchor_ledger()

    return [made]
