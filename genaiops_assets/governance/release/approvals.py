"""Approvals: a named person's recorded decision on a model version, bound to what that person could see; it lapses
when one of the bound artifacts changes.

Belongs here: recording and reading decisions. Does not belong here: what a version was made from (`chain.py`), what may
be approved (`verdicts.py`), releasing (`production.py`). Code never decides: these functions are called with what a
person typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys import Signer, signed_body
from genaiops_assets.governance.people import approver, refuse_empty_reason
from genaiops_assets.governance.release.approval_check import refuse_repeated
from genaiops_assets.governance.release.chain import refuse_broken_chain
from genaiops_assets.governance.release.overriding import Accepts, override_in_words, override_of
from genaiops_assets.governance.release.revoked import refuse_revoked, revocation_of
from genaiops_assets.governance.release.verdicts import (
    CRITERIA,
    refuse_altered,
    refuse_blocked,
    refuse_outdated_criteria,
    refuse_scope_changed,
    refuse_verdict,
    refuse_version,
)
from genaiops_assets.lake import ERASURE_BEGUN, Lake
from genaiops_assets.text import stands_among
from genaiops_assets.use_case import UseCase

BOUND = ("model_plan", "aligned_checkpoint", "eval_report", "model_card", "release_decision")
OPTIONAL = ("release_bundle",)  # homes of earlier versions have none
Decision = Literal["approved", "rejected"]
Status = Literal["waiting", "approved", "rejected", "lapsed", "revoked"]


@dataclass(frozen=True)
class Approval:
    """The state of a model version's approval. `changed`: bound artifacts that are not what was decided on any more;
    `erased_since`: erasures of what the version was trained on, which let no approval lapse but are shown wherever it
    is; `signed`: whether it carries a signature; `override`: what was not shown and who accepted that
    (`overriding.py`). A revoked version's state is `revoked`, by whom and why."""

    status: Status
    name: str = ""
    reason: str = ""
    at: str = ""
    entry: str = ""
    changed: tuple[str, ...] = ()
    erased_since: tuple[str, ...] = ()
    signed: bool = False
    override: Mapping[str, Any] = field(default_factory=dict)


def bound_digests(lake: Lake, uc: UseCase, version: str) -> dict[str, str]:
    """What an approval covers: each artifact's current digest, and the criteria its decision was reached with. Raises
    KeyError naming what to materialize."""
    digests = {name: lake.heads.digest(uc.key(name), version) for name in BOUND}
    digests |= {name: head["digest"] for name in OPTIONAL if (head := lake.heads.get(uc.key(name), version))}
    return {**digests, CRITERIA: judged_by(lake, uc, digests["release_decision"])}


def judged_by(lake: Lake, uc: UseCase, decision: str) -> str:
    """Digest of the criteria a decision was reached with; today's where it does not say, or cannot be read."""
    try:
        content = lake.artifacts.get(uc.key("release_decision"), decision).json("decision.json")
        return content["evidence"][CRITERIA]
    except (KeyError, ValueError):
        return lake.heads.digest(uc.key(CRITERIA))


def decide(
    lake: Lake,
    uc: UseCase,
    version: str,
    *,
    name: str,
    decision: Decision,
    reason: str,
    sign: Signer | None = None,
    accepts: Accepts | None = None,
) -> Approval:
    """Record a person's decision. `sign` makes their signature on the statement it is given; `accepts`: why what is
    left of the risk is accepted, where not everything was shown. Raises Refused for anybody but a named approver,
    without a reason, for an altered artifact, for artifacts that were not made from each other, for approving what the
    gates forbid or what was not shown and nobody accepted, for a revoked version, and unsigned where the use case
    wants signatures."""
    refuse_version(version)
    person = approver(uc, name)
    refuse_empty_reason(reason, "a decision")
    refuse_revoked(lake, uc, version)
    digests = existing(lake, uc, version)
    override: dict[str, Any] = {}
    if decision == "approved":
        refuse_altered(lake, uc, digests)
        refuse_verdict(lake, uc, version, digests)
        refuse_blocked(lake, uc, version)
        refuse_broken_chain(lake, uc, version, digests)
        refuse_outdated_criteria(lake, uc, version, digests)
        refuse_scope_changed(lake, uc)
        override = override_of(lake, uc, version, digests, accepts, person)
    body = {
        "use_case": uc.name,
        "model_version": version,
        "decision": decision,
        "name": person,
        "reason": reason.strip(),
        "digests": digests,
        "risk": uc.risk,
        "approvers": list(uc.people.approvers),
        **({"override": override} if override else {}),
    }
    refuse_repeated(lake, body)
    lake.ledger.append("approval", signed_body(lake, uc, "approval", body, sign))
    return approval_of(lake, uc, version)


def existing(lake: Lake, uc: UseCase, version: str) -> dict[str, str]:
    refuse_version(version)
    try:
        return bound_digests(lake, uc, version)
    except KeyError as error:
        known = ", ".join(lake.heads.partitions(uc.key("release_decision"))) or "none"
        raise Refused(
            f"{version} cannot be decided on: {error.args[0]} (versions with a release decision: {known})"
        ) from error


def moved_since(lake: Lake, uc: UseCase, version: str, seq: int, digests: dict[str, str]) -> set[str]:
    """Bound artifacts that were, even for a while, something else after an approval: a lapse stays until somebody
    decides again."""
    moved = set()
    for entry in lake.ledger.entries("materialized"):
        name, partition = entry.body["asset"].removeprefix(f"{uc.name}/"), entry.body["partition"]
        about_it = name in digests and partition == version
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
    if gone := revocation_of(lake, uc, version):
        return Approval("revoked", gone.by, gone.reason, gone.at, gone.entry, (), erased, gone.signed)
    if last is None:
        return Approval("waiting", erased_since=erased)
    body = last.body
    facts: dict[str, Any] = {
        "name": body["name"],
        "reason": body["reason"],
        "at": last.at,
        "entry": last.hash,
        "erased_since": erased,
        "signed": "signature" in body,
        "override": body.get("override") or {},
    }
    if body["decision"] == "rejected":
        return Approval("rejected", **facts)
    try:
        now = bound_digests(lake, uc, version)
    except KeyError:
        now = {}
    compared = {name: digest for name, digest in body["digests"].items() if name != CRITERIA}
    differs = {a for a, digest in compared.items() if now.get(a) != digest}
    differs |= moved_since(lake, uc, version, last.seq, compared)
    if not released_since(lake, uc, version, last.seq):  # what is open lapses; what was released stays a way back
        differs |= {CRITERIA} if lake.heads.digest(uc.key(CRITERIA)) != body["digests"][CRITERIA] else set()
    changed = tuple(sorted(differs))
    removed = () if stands_among(body["name"], uc.people.approvers) else ("people.approvers",)
    risen = ("risk",) if body.get("risk", uc.risk) != uc.risk else ()
    unsigned = ("signature",) if uc.people.require_signature and not facts["signed"] else ()
    why = changed + removed + risen + unsigned
    return Approval("lapsed" if why else "approved", changed=why, **facts)


def warning_of(approval: Approval) -> str:
    """What people should know of a version that answers: that it was revoked or rejected, that its approval lapsed,
    what was not shown and only accepted, what it was trained on and is erased since; "" when there is nothing."""
    found = list(approval.erased_since)
    if approval.override:
        found.insert(0, override_in_words(approval.override))
    if approval.status == "revoked":
        found.insert(0, f"revoked by {approval.name} on {approval.at}: {approval.reason}")
    if approval.status == "rejected":
        found.insert(0, f"rejected by {approval.name} on {approval.at}: {approval.reason}")
    if approval.status == "lapsed":
        found.insert(0, f"its approval lapsed: {', '.join(approval.changed)} changed since")
    return "; ".join(found)


def released_since(lake: Lake, uc: UseCase, version: str, seq: int) -> bool:
    """Whether a version went into production on an approval, or after it."""
    return any(
        e.seq > seq and e.body["use_case"] == uc.name and e.body["model_version"] == version
        for e in lake.ledger.entries("release")
    )


def erased_since(lake: Lake, uc: UseCase, version: str, seq: int) -> tuple[str, ...]:
    """Erasures, begun or finished after a ledger entry, of documents that a version was trained on: one line each."""
    sentences = []
    for entry in lake.ledger.entries(ERASURE_BEGUN):
        through = entry.body["affected_versions"].get(version)
        if entry.seq > seq and entry.body["use_case"] == uc.name and through:
            sentences.append(
                f"{entry.at}: {len(entry.body['documents'])} documents by {entry.body['name']}, trained on through "
                f"its {through}"
            )
    return tuple(sentences)
