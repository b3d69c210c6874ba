"""Erasing: the job behind `genaiops erase` and its form in the UI's launchpad.

Belongs here: the job, and that no run of the same use case is under way meanwhile. Does not belong here: the rules
(governance)."""

from typing import Any

import dagster as dg
from pydantic import Field

from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure import Erasure, Targets, erase, refuse_unknown
from genaiops_assets.orchestration.decision_jobs import refusals, show_approval
from genaiops_assets.orchestration.persons import require_person
from genaiops_assets.orchestration.phases import writer_pool
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.run_states import UNDER_WAY
from genaiops_assets.use_case import UseCase


class ErasureForm(dg.Config):
    """`documents`: ids; `sources`: names; `opt_out`: URL prefixes or domains; `interactions`: ids; `quarantined`:
    file:line; `name`: you, an owner or approver; `reason`: in your words. All lists empty: an erasure that was begun
    is finished. `unknown_too`: ids may be of what is not there yet. There is no way back.
    `code`: a one-time code (genaiops code --as NAME)."""

    documents: list[str] = Field(default=[])
    sources: list[str] = Field(default=[])
    opt_out: list[str] = Field(default=[])
    interactions: list[str] = Field(default=[])
    quarantined: list[str] = Field(default=[])
    unknown_too: bool = False
    name: str
    reason: str
    code: str = ""

    def targets(self) -> Targets:
        lists = (self.documents, self.sources, self.opt_out, self.interactions, self.quarantined)
        return Targets(*(tuple(sorted(set(given))) for given in lists))


def erasing_jobs(uc: UseCase) -> list[dg.JobDefinition]:
    """`<use case>__erase`."""

    @dg.op(name=f"{uc.name}__erase_documents", pool=writer_pool(uc))
    def erase_documents(context: dg.OpExecutionContext, config: ErasureForm, platform: Platform) -> None:
        """Removes documents and all that derives from them, and records it in the ledger."""
        with refusals():
            require_person(platform.folder, uc, config.model_dump())
            refuse_runs_under_way(context.instance, uc, context.run_id)
            if not config.unknown_too:
                refuse_unknown(platform.lake, uc, config.targets())
            done = erase(
                platform.lake, uc, config.targets(), name=config.name, reason=config.reason, step=context.log.info
            )
        for made in done:
            context.log.info(in_words(made))
            for version in made.versions:
                if platform.lake.heads.get(uc.key("release_decision"), version):
                    show_approval(context.instance, platform.lake, uc, version)
        if not done:
            context.log.info("nothing is left of it")

    @dg.job(
        name=f"{uc.name}__erase",
        description="Erase documents, or a source, or what people opted out, from every file of the home. Recorded "
        "in the ledger; no way back.",
        executor_def=dg.in_process_executor,
    )
    def made() -> None:
        erase_documents()

    return [made]


def refuse_runs_under_way(instance: dg.DagsterInstance, uc: UseCase, own: str) -> None:
    """A run that read the documents before could write them again after. Raises Refused."""
    running = instance.get_runs(filters=dg.RunsFilter(statuses=UNDER_WAY))
    ours = [r for r in running if r.run_id != own and concerns(r, uc)]
    if ours:
        raise Refused(
            f"{ours[0].job_name} ({ours[0].run_id[:8]}) is under way: erase when it has ended, or cancel it first"
        )


def concerns(run: Any, uc: UseCase) -> bool:
    keys = run.asset_selection or ()
    return run.job_name.startswith(f"{uc.name}__") or any(k.path[0] == uc.name for k in keys)


def in_words(made: Erasure) -> str:
    rows = ", ".join(f"{t['rows']} rows of {t['table'].rpartition('/')[2]}" for t in made.tables) or "no table row"
    return f"{len(made.documents)} documents erased by {made.name}: {rows}; ledger {made.entry[:16]}"
