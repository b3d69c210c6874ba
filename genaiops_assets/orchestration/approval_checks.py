"""Check results about people's decisions: the approval of a version, and whether production agrees with the ledger.

Belongs here: asking Dagster's event log and giving results in Dagster's types. Does not belong here: what they say
(`decision_findings.py`)."""

from __future__ import annotations

import dagster as dg

from genaiops_assets.governance.release import Approval, Wording
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.decision_findings import Finding, Markdown, agreement_finding, approval_finding
from genaiops_assets.use_case import UseCase


def agreement(instance: dg.DagsterInstance, lake: Lake, uc: UseCase) -> dg.AssetCheckResult:
    """Pointer, ledger and event log on production."""
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "production_model"]))
    made = event.asset_materialization if event else None
    in_event_log = str(made.metadata["model_version"].value) if made else None
    return as_result(agreement_finding(lake, uc, in_event_log))


def approval_result(approval: Approval, uc: UseCase, wording: Wording | None = None) -> dg.AssetCheckResult:
    """What the check `human_approval` shows."""
    return as_result(approval_finding(approval, uc, wording))


def as_result(finding: Finding) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=finding.passed,
        severity=dg.AssetCheckSeverity[finding.severity],
        metadata={
            name: dg.MetadataValue.md(str(text)) if isinstance(text, Markdown) else text
            for name, text in finding.shown.items()
        },
    )
