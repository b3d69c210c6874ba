"""What Dagster's history shows of a decision, as plain values.

Belongs here: the words and the outcome of the two checks about decisions, and the facts of a release event, without
Dagster: the command line writes them where loading Dagster would take longer than the decision. Does not belong here:
Dagster's own types (`approval_checks.py`, `decision_jobs.py`), the rules (governance)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from genaiops_assets.governance.release import (
    Approval,
    Wording,
    approval_of,
    override_in_words,
    persons_gone,
    pointer_problem,
    production_release,
    warning_of,
)
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

APPROVAL_CHECK = "human_approval"  # on `release_decision`
PRODUCTION_CHECK = "event_log_agrees_with_pointer"  # on `production_model`


class Markdown(str):
    """A text that the UI renders."""


@dataclass(frozen=True)
class Finding:
    """The outcome of a check; `shown` holds texts, some of them `Markdown`."""

    passed: bool
    severity: Literal["WARN", "ERROR"]
    shown: dict[str, str]


@dataclass(frozen=True)
class ReleaseEvent:
    """What the event of a release says; `version` is its data version."""

    description: str
    shown: dict[str, str]
    version: str


def agreement_finding(lake: Lake, uc: UseCase, told: str | None) -> Finding:
    """Pointer, ledger and event log (`told`: the version its newest event names) on production, and whether the
    approval still holds: a lapse never withdraws, it warns; a rejection of what answers people is an error, and so is a
    revoked version that nobody has replaced."""
    now = production_release(lake, uc)
    problem = pointer_problem(lake, uc)
    agrees = problem is None and told == (now.model_version if now else None)
    found = approval_of(lake, uc, now.model_version) if now else None
    approval = found.status if found else "none"
    shown = {
        "warning": (warning_of(found) if found else "") or "none",
        "override": (override_in_words(found.override) if found else "") or "none",
        "removed_from_people": "; ".join(persons_gone(lake, uc, now.model_version) if now else ()) or "nobody",
        "pointer": now.model_version if now else "none",
        "event_log": str(told or "none"),
        "ledger": problem or "agrees",
        "approval": approval,
        "erased_since": erased_in_words(found),
    }
    mild = agrees and approval not in ("rejected", "revoked")
    return Finding(agrees and approval in ("none", "approved"), "WARN" if mild else "ERROR", shown)


def approval_finding(approval: Approval, uc: UseCase, wording: Wording | None = None) -> Finding:
    """What the check `human_approval` shows: the state in words first, then who does what next."""
    words = (
        {
            "state": wording.state,
            "next": Markdown("\n".join(f"- `{c}`" for c in wording.commands) or "nothing"),
            "or_in_the_ui": f"the jobs {uc.name}__decide and {uc.name}__promote, with their launchpad",
            "gates": Markdown("\n".join(f"- {line}" for line in wording.gates) or "none"),
            "changed_since_production": wording.changes,
            "override": wording.override or "none",
            "signature": wording.signature or "nobody decided yet",
            "removed_from_people": "; ".join(wording.gone) or "nobody",
        }
        if wording
        else {}
    )
    shown = {
        **words,
        "status": approval.status,
        "approvers": ", ".join(uc.people.approvers),
        "decided_by": approval.name or "nobody yet",
        "reason": approval.reason or "none",
        "changed_since": ", ".join(approval.changed) or "nothing",
        "erased_since": erased_in_words(approval),
    }
    return Finding(approval.status == "approved", "WARN" if approval.status == "waiting" else "ERROR", shown)


def erased_in_words(approval: Approval | None) -> str:
    """The flag of an approval whose version was trained on what was erased since: it holds, and people should know."""
    return "; ".join(approval.erased_since if approval else ()) or "nothing it was trained on"


def release_event(made: Any) -> ReleaseEvent:
    return ReleaseEvent(
        description=f"{made.kind} to {made.model_version} by {made.by}",
        shown={
            "model_version": made.model_version,
            "kind": made.kind,
            "by": made.by,
            "reason": made.reason,
            "ledger": made.entry[:16],
        },
        version=made.entry[:32],
    )
