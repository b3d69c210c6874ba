"""People's jobs: approve or reject, promote, roll back, revoke, from the CLI or from the UI's launchpad, by the same
ops.

Belongs here: the jobs and the events they log after ledger and pointer. Does not belong here: the rules (governance).
"""

from typing import Any, Literal

import dagster as dg

from genaiops_assets.errors import Refused
from genaiops_assets.governance.anchors import anchor_where_configured
from genaiops_assets.governance.release import (
    Accepts,
    approval_in_words,
    approval_of,
    decide,
    last_good,
    production_release,
    release,
    revoke,
)
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.approval_checks import agreement, approval_result
from genaiops_assets.orchestration.decision_findings import APPROVAL_CHECK, PRODUCTION_CHECK, release_event
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.persons import require_person
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.runless_events import show_check
from genaiops_assets.use_case import UseCase


class DecisionForm(dg.Config):
    """`model_version`: mv-…; `name`: one of people.approvers; `decision`: approved or rejected; `reason`: in your
    words; `accept` and `until`: why what was not shown is accepted, and the last day of that; `code`: a one-time code
    (genaiops code --as NAME). Signed decisions are made at the command line."""

    model_version: str
    name: str
    decision: str
    reason: str
    accept: str = ""
    until: str = ""
    code: str = ""


class PromoteForm(dg.Config):
    """`model_version`: an approved version; `name`: you, as in people; `reason`: in your words; `code`: a one-time
    code."""

    model_version: str
    name: str
    reason: str
    code: str = ""


class RevokeForm(dg.Config):
    """`model_version`: the version to take out for good; `name`: you, as in people; `reason`: in your words; `code`: a
    one-time code."""

    model_version: str
    name: str
    reason: str
    code: str = ""


class RollbackForm(dg.Config):
    """`model_version`: an earlier release, or empty for the last one; `name`: you, as in people; `reason`: in your
    words; `code`: a one-time code."""

    model_version: str = ""
    name: str
    reason: str
    code: str = ""


def people_jobs(uc: UseCase) -> list[dg.JobDefinition]:
    """`<use case>__decide`, `__promote`, `__rollback` and `__revoke`."""

    @dg.op(name=f"{uc.name}__record_decision")
    def record_decision(context: dg.OpExecutionContext, config: DecisionForm, platform: Platform) -> None:
        """Records a named approver's decision and shows it on the release decision."""
        if config.decision not in ("approved", "rejected"):
            raise PermanentFailure(f"decision: expected approved or rejected, found {config.decision!r}")
        wanted: Literal["approved", "rejected"] = "approved" if config.decision == "approved" else "rejected"
        with refusals():
            require_person(platform.folder, uc, config.model_dump())
            accepts = Accepts(config.accept, config.until) if config.accept or config.until else None
            told: dict[str, Any] = {"name": config.name, "decision": wanted, "reason": config.reason}
            decide(platform.lake, uc, config.model_version, accepts=accepts, **told)
        show_approval(context.instance, platform.lake, uc, config.model_version)
        context.log.info(f"{config.model_version} {wanted} by {config.name}")

    @dg.op(name=f"{uc.name}__promote_version")
    def promote_version(context: dg.OpExecutionContext, config: PromoteForm, platform: Platform) -> None:
        """Releases an approved version, after verifying everything it rests on."""
        with refusals():
            require_person(platform.folder, uc, config.model_dump())
            made = release(
                platform.lake, uc, config.model_version, kind="promote", by=config.name, reason=config.reason
            )
        show_release(context.instance, platform.lake, uc, made)
        anchor(context, platform)

    @dg.op(name=f"{uc.name}__rollback_version")
    def rollback_version(context: dg.OpExecutionContext, config: RollbackForm, platform: Platform) -> None:
        """Goes back to an earlier release, after the same verification."""
        with refusals():
            require_person(platform.folder, uc, config.model_dump())
            version = config.model_version or last_good(platform.lake, uc)
            made = release(platform.lake, uc, version, kind="rollback", by=config.name, reason=config.reason)
        show_release(context.instance, platform.lake, uc, made)
        anchor(context, platform)

    @dg.op(name=f"{uc.name}__revoke_version")
    def revoke_version(context: dg.OpExecutionContext, config: RevokeForm, platform: Platform) -> None:
        """Takes a version out for good."""
        with refusals():
            require_person(platform.folder, uc, config.model_dump())
            revoke(platform.lake, uc, config.model_version, by=config.name, reason=config.reason)
        if platform.lake.heads.get(uc.key("release_decision"), config.model_version):
            show_approval(context.instance, platform.lake, uc, config.model_version)
        anchor(context, platform)

    def anchor(context: dg.OpExecutionContext, platform: Platform) -> None:
        made = anchor_where_configured(platform.lake, [uc])
        for place in made.written:
            context.log.info(f"entry {made.seq} of the ledger is anchored in {place}")
        for problem in made.problems:
            context.log.warning(f"not anchored: {problem}")

    def job(name: str, op: Any, description: str) -> dg.JobDefinition:
        @dg.job(name=f"{uc.name}__{name}", description=description, executor_def=dg.in_process_executor)
        def made() -> None:
            op()

        return made

    return [
        job(
            "decide",
            record_decision,
            "Approve or reject a model version as a named approver. From this page only where people.decisions allows "
            "it, with a one-time code (genaiops code --as NAME); otherwise: genaiops approve.",
        ),
        job(
            "promote",
            promote_version,
            "Release an approved model version: verifies digests, verdict and approval, then moves the pointer.",
        ),
        job("rollback", rollback_version, "Go back to an earlier release."),
        job(
            "revoke", revoke_version, "Take a model version out for good: nobody can approve, release or ask it again."
        ),
    ]


class refusals:
    """Turns Refused into a failure that no retry can change."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, Refused):
            raise PermanentFailure(str(error)) from error


def show_approval(instance: dg.DagsterInstance, lake: Lake, uc: UseCase, version: str) -> None:
    show_check(
        instance,
        dg.AssetKey([uc.name, "release_decision"]),
        APPROVAL_CHECK,
        approval_result(approval_of(lake, uc, version), uc, approval_in_words(lake, uc, version)),
        version,
    )
    now = production_release(lake, uc)
    if now and now.model_version == version:  # what is said of the version in production shows on production at once
        key = dg.AssetKey([uc.name, "production_model"])
        show_check(instance, key, PRODUCTION_CHECK, agreement(instance, lake, uc), None)


def show_release(instance: dg.DagsterInstance, lake: Lake, uc: UseCase, made: Any) -> None:
    said = release_event(made)
    event = dg.AssetMaterialization(
        asset_key=dg.AssetKey([uc.name, "production_model"]),
        metadata=said.shown,
        description=said.description,
        tags={"dagster/data_version": said.version},
    )
    instance.report_runless_asset_event(event)
    show_check(instance, event.asset_key, PRODUCTION_CHECK, agreement(instance, lake, uc), None)
