"""Check results about people's decisions: the approval of a version, and whether production agrees with the ledger."""

from __future__ import annotations

from typing import Any

import dagster as dg

from genaiops_assets.governance.release import (
    Approval,
    Wording,
    approval_of,
    pointer_problem,
    production_release,
    warning_of,
)
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


def agreement(instance: dg.DagsterInstance, lake: Lake, uc: UseCase) -> dg.AssetCheckResult:
    """Pointer, ledger and event log on production, and whether the approval still holds: a lapse never withdraws, it
    warns; a rejection of what answers people is an error."""
    now = production_release(lake, uc)
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "production_model"]))
    told = (
        event.asset_materialization.metadata["model_version"].value if event and event.asset_materialization else None
    )
    problem = pointer_problem(lake, uc)
    agrees = problem is None and told == (now.model_version if now else None)
    found = approval_of(lake, uc, now.model_version) if now else None
    approval = found.status if found else "none"
    mild = agrees and approval != "rejected"
    severity = dg.AssetCheckSeverity.WARN if mild else dg.AssetCheckSeverity.ERROR
    shown: dict[str, Any] = {
        "warning": (warning_of(found) if found else "") or "none",
        "pointer": now.model_version if now else "none",
        "event_log": str(told or "none"),
        "ledger": problem or "agrees",
        "approval": approval,
        "erased_since": erased_in_words(found),
    }
    return dg.AssetCheckResult(passed=agrees and approval in ("none", "approved"), severity=severity, metadata=shown)


def approval_result(approval: Approval, uc: UseCase, wording: Wording | None = None) -> dg.AssetCheckResult:
    """What the check `human_approval` shows: the state in words first, then who does what next."""
    waiting = approval.status == "waiting"
    severity = dg.AssetCheckSeverity.WARN if waiting else dg.AssetCheckSeverity.ERROR
    words = (
        {
            "state": wording.state,
            "next": dg.MetadataValue.md("\n".join(f"- `{c}`" for c in wording.commands) or "nothing"),
            "or_in_the_ui": f"the jobs {uc.name}__decide and {uc.name}__promote, with their launchpad",
            "gates": dg.MetadataValue.md("\n".join(f"- {line}" for line in wording.gates) or "none"),
            "changed_since_production": wording.changes,
        }
        if wording
        else {}
    )
    shown: dict[str, Any] = {
        **words,
        "status": approval.status,
        "approvers": ", ".join(uc.people.approvers),
        "decided_by": approval.name or "nobody yet",
        "reason": approval.reason or "none",
        "changed_since": ", ".join(approval.changed) or "nothing",
        "erased_since": erased_in_words(approval),
    }
    return dg.AssetCheckResult(passed=approval.status == "approved", severity=severity, metadata=shown)


def erased_in_words(approval: Approval | None) -> str:
    """The flag of an approval whose version was trained on what was erased since: it holds, and people should know."""
    return "; ".join(approval.erased_since if approval else ()) or "nothing it was trained on"
