"""An approval in words: its state, what the gates said, what changed since production, which command comes next.

Belongs here: sentences from what the ledger and the release decision hold; the terminal and the UI show the same ones.
Does not belong here: deciding (`approvals.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genaiops_assets.governance.release.approvals import Approval, approval_of
from genaiops_assets.governance.release.production import production_release
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Wording:
    """One sentence of state, one line a gate, what differs from production, and the commands that end it."""

    state: str
    gates: tuple[str, ...]
    changes: str
    commands: tuple[str, ...]


def approval_in_words(lake: Lake, uc: UseCase, version: str, option: str = "") -> Wording:
    """`option`: ` -u NAME` where the commands need it. Raises Missing when the version has no release decision."""
    approval = approval_of(lake, uc, version)
    decision = lake.current(uc.key("release_decision"), version).json("decision.json")
    now = production_release(lake, uc)
    released = now is not None and now.model_version == version
    return Wording(
        state=state_of(approval, uc, version, decision["verdict"], released, bool(decision.get("blocked_by"))),
        gates=(*decision.get("blocked_by", ()), *(gate_in_words(gate) for gate in decision.get("gates", ()))),
        changes=changes_since(lake, uc, version, now.digests.get("model_plan") if now else None),
        commands=commands_for(approval, uc, version, decision["verdict"], released, option),
    )


def gate_in_words(gate: Mapping[str, Any]) -> str:
    """Outcome and reason; what so many items can show where that is recorded and the gate stayed open."""
    said = f"{gate['id']}: {gate['status']}, {gate['reason']}"
    can_show = gate.get("figures", {}).get("in_words")
    return f"{said}; {can_show}" if can_show and gate["status"] == "undecided" else said


def state_of(approval: Approval, uc: UseCase, version: str, verdict: str, released: bool, blocked: bool = False) -> str:
    gates = f"verdict of the gates: {verdict}"
    where = ", in production" if released else ""
    if approval.status == "waiting":
        if blocked:
            return f"{version} is a no_go until what blocks it is cured; nobody can approve it"
        if verdict == "no_go":
            return f"{version} is a no_go by its gates; nobody can approve it"
        return f"{version} waits for the decision of {' or '.join(uc.people.approvers)} ({gates})"
    if approval.status == "lapsed":
        return (
            f"the approval of {version} by {approval.name} lapsed: {', '.join(approval.changed)} changed since{where}"
        )
    return f"{version} is {approval.status} by {approval.name}{where}: {approval.reason} ({gates})"


def commands_for(
    approval: Approval, uc: UseCase, version: str, verdict: str, released: bool, option: str
) -> tuple[str, ...]:
    """What a person types next, none where nothing is to be decided."""
    if approval.status in ("waiting", "lapsed") and verdict != "no_go":
        name = uc.people.approvers[0]
        return (
            f'genaiops approve {version}{option} --as "{name}" --reason "…"',
            f'genaiops reject {version}{option} --as "{name}" --reason "…"',
        )
    if approval.status == "approved" and not released:
        return (f'genaiops promote {version}{option} --as NAME --reason "…"',)
    if approval.status == "rejected" and released:
        return (f'genaiops rollback{option} --as NAME --reason "…"',)
    return ()


def changes_since(lake: Lake, uc: UseCase, version: str, before: str | None) -> str:
    """Which inputs of the training differ from those of the version in production."""
    if before is None:
        return "nothing is in production yet"
    if not lake.artifacts.has(uc.key("model_plan"), before):
        return "the plan of the version in production is gone"
    old = training_of(lake.artifacts.get(uc.key("model_plan"), before))
    new = training_of(lake.current(uc.key("model_plan"), version))
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return ", ".join(changed) or "nothing that determines the weights"


def training_of(plan: Any) -> dict[str, Any]:
    return plan.json("plan.json").get("training", {})
