"""Approvals: a named person's recorded decision on a model version, bound to digests; it lapses when one of them changes.

Belongs here: recording and reading decisions. Does not belong here: releasing (`production.py`). Code never decides: these functions are called
with what a person typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from genaiops_assets.lake import Lake
from genaiops_assets.lake.verify import anchors, bound_manifests, published_problems
from genaiops_assets.use_case import UseCase

BOUND = ("model_plan", "aligned_checkpoint", "eval_report", "model_card", "release_decision")
CRITERIA = "success_criteria"
Decision = Literal["approved", "rejected"]
Status = Literal["waiting", "approved", "rejected", "lapsed"]


class Refused(PermissionError):
    """A decision or release that must not happen; the message says why and what would make it possible."""


@dataclass(frozen=True)
class Approval:
    """The state of a model version's approval. `changed`: bound artifacts that are not what was decided on any more."""

    status: Status
    name: str = ""
    reason: str = ""
    at: str = ""
    entry: str = ""
    changed: tuple[str, ...] = ()


def bound_digests(lake: Lake, uc: UseCase, version: str) -> dict[str, str]:
    """What an approval covers: each artifact's current digest. Raises KeyError naming what to materialize."""
    digests = {name: lake.heads.digest(f"{uc.name}/{name}", version) for name in BOUND}
    return {**digests, CRITERIA: lake.heads.digest(f"{uc.name}/{CRITERIA}")}


def decide(lake: Lake, uc: UseCase, version: str, *, name: str, decision: Decision, reason: str) -> Approval:
    """Record a person's decision. Raises Refused for anybody but a named approver, without a reason, for an altered artifact, and for
    approving what the gates forbid."""
    if name not in uc.people.approvers:
        role = "is a builder: four eyes need two persons" if name in uc.people.builders else "is not among people.approvers"
        raise Refused(f"{name!r} {role}; approvers of {uc.name}: {', '.join(uc.people.approvers)}")
    if not reason.strip():
        raise Refused("a decision needs a reason: --reason TEXT")
    digests = existing(lake, uc, version)
    if decision == "approved":
        refuse_altered(lake, uc, digests)
        refuse_verdict(lake, uc, version)
    body = {
        "use_case": uc.name,
        "model_version": version,
        "decision": decision,
        "name": name,
        "reason": reason.strip(),
        "digests": digests,
    }
    lake.ledger.append("approval", body)
    return approval_of(lake, uc, version)


def existing(lake: Lake, uc: UseCase, version: str) -> dict[str, str]:
    try:
        return bound_digests(lake, uc, version)
    except KeyError as error:
        known = ", ".join(lake.heads.partitions(f"{uc.name}/release_decision")) or "none"
        raise Refused(f"{version} cannot be decided on: {error.args[0]} (versions with a release decision: {known})") from error


def refuse_altered(lake: Lake, uc: UseCase, digests: dict[str, str]) -> None:
    """Raises Refused naming a file that is not as published and recorded."""
    found = lake.ledger.problems(anchors(lake))
    if not found:
        recorded = bound_manifests(lake)
        for asset, digest in digests.items():
            key = f"{uc.name}/{asset}"
            found += published_problems(lake, key, digest, recorded.get((key, digest), set()), set())
    if found:
        raise Refused("altered after publication: " + "; ".join(found))


def refuse_verdict(lake: Lake, uc: UseCase, version: str) -> None:
    """`go` may be approved; `undecided` only for risk `demo`; `no_go` never. Raises Refused."""
    verdict = lake.current(f"{uc.name}/release_decision", version).json("decision.json")["verdict"]
    if verdict == "no_go":
        raise Refused(f"{version} is a no_go by its gates; that is final for this version")
    if verdict == "undecided" and uc.risk != "demo":
        raise Refused(
            f"{version} is undecided; only a use case of risk: demo may accept that, this one is risk: {uc.risk}. Add golden questions."
        )


def approval_of(lake: Lake, uc: UseCase, version: str) -> Approval:
    """The last decision on a version, compared with what is there now."""
    last: Any = None
    for entry in lake.ledger.entries("approval"):
        if entry.body["use_case"] == uc.name and entry.body["model_version"] == version:
            last = entry
    if last is None:
        return Approval("waiting")
    body = last.body
    facts: dict[str, Any] = {"name": body["name"], "reason": body["reason"], "at": last.at, "entry": last.hash}
    if body["decision"] == "rejected":
        return Approval("rejected", **facts)
    try:
        now = bound_digests(lake, uc, version)
    except KeyError:
        now = {}
    changed = tuple(sorted(a for a, digest in body["digests"].items() if now.get(a) != digest))
    gone = () if body["name"] in uc.people.approvers else ("people.approvers",)
    return Approval("lapsed" if changed or gone else "approved", changed=changed + gone, **facts)
