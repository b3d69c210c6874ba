"""Approvals: a named person's recorded decision on a model version, bound to digests; it lapses when one of them
changes.

Belongs here: recording and reading decisions. Does not belong here: releasing (`production.py`). Code never decides:
these functions are called with what a person typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from genaiops_assets.errors import Refused
from genaiops_assets.lake import ERASURE_BEGUN, Lake, bound_manifests, problems
from genaiops_assets.use_case import UseCase

BOUND = ("model_plan", "aligned_checkpoint", "eval_report", "model_card", "release_decision")
CRITERIA = "success_criteria"
Decision = Literal["approved", "rejected"]
Status = Literal["waiting", "approved", "rejected", "lapsed"]


@dataclass(frozen=True)
class Approval:
    """The state of a model version's approval. `changed`: bound artifacts that are not what was decided on any more;
    `erased_since`: erasures of what the version was trained on, which let no approval lapse but are shown wherever it
    is."""

    status: Status
    name: str = ""
    reason: str = ""
    at: str = ""
    entry: str = ""
    changed: tuple[str, ...] = ()
    erased_since: tuple[str, ...] = ()


def bound_digests(lake: Lake, uc: UseCase, version: str) -> dict[str, str]:
    """What an approval covers: each artifact's current digest. Raises KeyError naming what to materialize."""
    digests = {name: lake.heads.digest(uc.key(name), version) for name in BOUND}
    return {**digests, CRITERIA: lake.heads.digest(uc.key(CRITERIA))}


def decide(lake: Lake, uc: UseCase, version: str, *, name: str, decision: Decision, reason: str) -> Approval:
    """Record a person's decision. Raises Refused for anybody but a named approver, without a reason, for an altered
    artifact, and for approving what the gates forbid."""
    if name not in uc.people.approvers:
        role = (
            "is a builder: four eyes need two persons"
            if name in uc.people.builders
            else "is not among people.approvers"
        )
        raise Refused(f"{name!r} {role}; approvers of {uc.name}: {', '.join(uc.people.approvers)}")
    if not reason.strip():
        raise Refused("a decision needs a reason: --reason TEXT")
    digests = existing(lake, uc, version)
    if decision == "approved":
        refuse_altered(lake, uc, digests)
        refuse_verdict(lake, uc, version, digests)
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
        known = ", ".join(lake.heads.partitions(uc.key("release_decision"))) or "none"
        raise Refused(
            f"{version} cannot be decided on: {error.args[0]} (versions with a release decision: {known})"
        ) from error


def refuse_altered(lake: Lake, uc: UseCase, digests: dict[str, str]) -> None:
    """Raises Refused naming a file that is not as published and recorded: anywhere in the lake, since a card rests on
    all of it."""
    found = problems(lake)
    recorded = set() if found else set(bound_manifests(lake))
    keys = {name: uc.key(name) for name in digests}
    found = found or [
        f"artifacts/{keys[n]}/{d}/manifest.json: differs from what the ledger recorded"
        for n, d in digests.items()
        if (keys[n], d) not in recorded
    ]
    if found:
        raise Refused("altered after publication: " + "; ".join(found))


def refuse_verdict(lake: Lake, uc: UseCase, version: str, digests: dict[str, str]) -> None:
    """`go` may be approved; `undecided` only for risk `demo`; `no_go` never, whatever came after it. The verdict must
    have been reached on the very report, card and criteria that are there now. Raises Refused."""
    if "no_go" in verdicts(lake, uc, version):
        raise Refused(f"{version} is a no_go by its gates; that is final for this version")
    decision = lake.artifacts.get(uc.key("release_decision"), digests["release_decision"]).json("decision.json")
    stale = [
        name
        for name in ("eval_report", "model_card", CRITERIA)
        if decision.get("evidence", {}).get(name) != digests[name]
    ]
    if stale:
        raise Refused(
            f"the verdict on {version} was reached before {', '.join(stale)} changed: materialize release_decision "
            "again"
        )
    if decision["verdict"] == "undecided" and uc.risk != "demo":
        raise Refused(
            f"{version} is undecided; only a use case of risk: demo may accept that, this one is risk: {uc.risk}. "
            "Add golden questions."
        )


def verdicts(lake: Lake, uc: UseCase, version: str) -> set[str]:
    """Every verdict the gates ever reached on a version."""
    asset = uc.key("release_decision")
    digests = {
        e.body["digest"]
        for e in lake.ledger.entries("materialized")
        if (e.body["asset"], e.body["partition"]) == (asset, version)
    }
    return {
        lake.artifacts.get(asset, d).json("decision.json")["verdict"] for d in digests if lake.artifacts.has(asset, d)
    }


def moved_since(lake: Lake, uc: UseCase, version: str, seq: int, digests: dict[str, str]) -> set[str]:
    """Bound artifacts that were, even for a while, something else after an approval: a lapse stays until somebody
    decides again."""
    moved = set()
    for entry in lake.ledger.entries("materialized"):
        name, partition = entry.body["asset"].removeprefix(f"{uc.name}/"), entry.body["partition"]
        about_it = name in digests and partition == (None if name == CRITERIA else version)
        if entry.seq > seq and about_it and entry.body["digest"] != digests[name]:
            moved.add(name)
    return moved


def approval_of(lake: Lake, uc: UseCase, version: str) -> Approval:
    """The last decision on a version, compared with what is there now."""
    last: Any = None
    for entry in lake.ledger.entries("approval"):
        if entry.body["use_case"] == uc.name and entry.body["model_version"] == version:
            last = entry
    erased = erased_since(lake, uc, version, last.seq if last else 0)
    if last is None:
        return Approval("waiting", erased_since=erased)
    body = last.body
    facts: dict[str, Any] = {
        "name": body["name"],
        "reason": body["reason"],
        "at": last.at,
        "entry": last.hash,
        "erased_since": erased,
    }
    if body["decision"] == "rejected":
        return Approval("rejected", **facts)
    try:
        now = bound_digests(lake, uc, version)
    except KeyError:
        now = {}
    differs = {a for a, digest in body["digests"].items() if now.get(a) != digest}
    changed = tuple(sorted(differs | moved_since(lake, uc, version, last.seq, body["digests"])))
    gone = () if body["name"] in uc.people.approvers else ("people.approvers",)
    return Approval("lapsed" if changed or gone else "approved", changed=changed + gone, **facts)


def erased_since(lake: Lake, uc: UseCase, version: str, seq: int) -> tuple[str, ...]:
    """Erasures, begun or finished after a ledger entry, of documents that a version was trained on: one line each."""
    told = []
    for entry in lake.ledger.entries(ERASURE_BEGUN):
        through = entry.body["affected_versions"].get(version)
        if entry.seq > seq and entry.body["use_case"] == uc.name and through:
            told.append(
                f"{entry.at}: {len(entry.body['documents'])} documents by {entry.body['name']}, trained on through "
                f"its {through}"
            )
    return tuple(told)
