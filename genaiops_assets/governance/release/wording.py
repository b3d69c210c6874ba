"""An approval in words: its state, what the gates said, what changed since production, which command comes next.

Belongs here: sentences from what the ledger and the release decision hold; the terminal and the UI show the same ones.
Does not belong here: deciding (`approvals.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genaiops_assets.governance.keys import keys_of_people, signature_of_entry
from genaiops_assets.governance.release.approvals import Approval, approval_of
from genaiops_assets.governance.release.overriding import open_points, override_in_words
from genaiops_assets.governance.release.production import production_release
from genaiops_assets.governance.release.removed_people import persons_gone
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Wording:
    """One sentence of state, one line a gate, what differs from production, and the commands that end it; `override`:
    what was not shown and who accepted it; `signature`: by which key the decision is signed, or that it is not; `gone`:
    whose word it rests on and who was removed from `people` since."""

    state: str
    gates: tuple[str, ...]
    changes: str
    commands: tuple[str, ...]
    override: str = ""
    signature: str = ""
    gone: tuple[str, ...] = ()


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
        commands=commands_for(approval, uc, version, decision, released, option),
        override=override_in_words(approval.override),
        signature=signature_in_words(lake, uc, approval),
        gone=tuple(persons_gone(lake, uc, version)),
    )


def signature_in_words(lake: Lake, uc: UseCase, approval: Approval) -> str:
    """`signed with SHA256:…`, `unsigned`, or that the signature does not fit; "" where nobody decided."""
    entry = next((e for e in lake.ledger.newest_first() if e.hash == approval.entry), None) if approval.entry else None
    if entry is None:
        return ""
    if not approval.signed:
        return "unsigned"
    key = signature_of_entry(entry, keys_of_people(lake, uc))
    return f"signed with {key}" if key else "its signature fits no registered key: run genaiops verify"


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
    if approval.status == "revoked":
        still = "; it is still in production, and nothing answers: genaiops rollback" if released else ""
        return f"{version} was revoked by {approval.name} on {approval.at}, for good: {approval.reason}{still}"
    if approval.status == "lapsed":
        return (
            f"the approval of {version} by {approval.name} lapsed: {', '.join(approval.changed)} changed since{where}"
        )
    return f"{version} is {approval.status} by {approval.name}{where}: {approval.reason} ({gates})"


def commands_for(
    approval: Approval, uc: UseCase, version: str, decision: Mapping[str, Any], released: bool, option: str
) -> tuple[str, ...]:
    """What a person types next, none where nothing is to be decided."""
    key = " --key KEY" if uc.people.require_signature else ""
    if approval.status in ("waiting", "lapsed") and decision["verdict"] != "no_go":
        name = uc.people.approvers[0]
        accept = ' --accept "…" --until YYYY-MM-DD' if open_points(decision) else ""
        return (
            f'genaiops approve {version}{option} --as "{name}" --reason "…"{accept}{key}',
            f'genaiops reject {version}{option} --as "{name}" --reason "…"{key}',
        )
    if approval.status == "approved" and not released:
        return (f'genaiops promote {version}{option} --as NAME --reason "…"{key}',)
    if approval.status in ("rejected", "revoked") and released:
        return (f'genaiops rollback{option} --as NAME --reason "…"{key}',)
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
