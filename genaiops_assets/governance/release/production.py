"""Production: which model version is released. A pointer in the lake, backed by the ledger; only `release` moves it.

Belongs here: promote, rollback and reading the pointer. Does not belong here: serving.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.governance.keys import Signer, signature_problems, signed_body
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.governance.release.approvals import approval_of, existing
from genaiops_assets.governance.release.chain import refuse_broken_chain
from genaiops_assets.governance.release.overriding import refuse_expired_override
from genaiops_assets.governance.release.revoked import refuse_revoked, revocation_of, revocations
from genaiops_assets.governance.release.signing import BUNDLE, refuse_broken_signature
from genaiops_assets.governance.release.verdicts import (
    refuse_altered,
    refuse_blocked,
    refuse_outdated_criteria,
    refuse_scope_changed,
    refuse_verdict,
    refuse_version,
)
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.use_case import UseCase

Kind = Literal["promote", "rollback"]


@dataclass(frozen=True)
class Release:
    """The production pointer. `revoked`: hash of the ledger's entry that revoked the version since, "" for none."""

    use_case: str
    model_version: str
    kind: str
    by: str
    reason: str
    at: str
    entry: str
    digests: dict[str, str]
    previous: str | None
    revoked: str = ""


def production_release(lake: Lake, uc: UseCase) -> Release | None:
    """What is released, or None. Raises ValueError naming the file when it is no pointer."""
    try:
        return Release(**json.loads(lake.store.read(pointer(uc))))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise Unusable(f"{pointer(uc)}: not a production pointer ({error})") from error


def pointer(uc: UseCase) -> str:
    return f"production/{uc.name}.json"


def releases(lake: Lake, uc: UseCase) -> list[Any]:
    """Ledger entries of all releases, oldest first."""
    return [e for e in lake.ledger.entries("release") if e.body["use_case"] == uc.name]


def pointer_problem(lake: Lake, uc: UseCase) -> str | None:
    """Whether pointer and ledger tell the same story; None when they do."""
    entries = releases(lake, uc)
    try:
        now = production_release(lake, uc)
    except ValueError as error:
        return str(error)
    if now is None and not entries:
        return None
    if now is None or not entries:
        return f"{pointer(uc)} and the ledger disagree: one of them knows no release"
    last = entries[-1].body["model_version"]
    gone = revocation_of(lake, uc, last)
    if now != replace(released(entries[-1]), revoked=gone.entry if gone else ""):
        if gone and now == released(entries[-1]):
            return f"{pointer(uc)} does not say that {last} is revoked: type genaiops revoke {last} again"
        return (
            f"{pointer(uc)} is not what the ledger's last release wrote: it says {now.model_version}, the ledger {last}"
        )
    data = lake.store.read(pointer(uc))  # one of an earlier version has fewer fields
    if data != pretty_json(json.loads(data)):
        return f"{pointer(uc)}: altered: not as the platform writes it"
    return None


def released(entry: Any) -> Release:
    """The pointer that a release entry of the ledger leads to."""
    kept = {k: entry.body[k] for k in ("use_case", "model_version", "kind", "by", "reason", "digests", "previous")}
    return Release(**kept, at=entry.at, entry=entry.hash)


def release(
    lake: Lake,
    uc: UseCase,
    version: str,
    *,
    kind: Kind,
    by: str,
    reason: str,
    sign: Signer | None = None,
    rehearsed: bool = False,
) -> Release:
    """Move production to a version: everything verified, verdict and approval valid, ledger first, then the pointer.
    `sign`: makes the signature of who releases, which a rehearsal does not need. Raises Refused."""
    refuse_version(version)
    person = member(uc, by)
    refuse_empty_reason(reason, "a release")
    refuse_revoked(lake, uc, version)
    digests = existing(lake, uc, version)
    refuse_broken_signature(lake, uc, version, digests["aligned_checkpoint"])
    if "release_bundle" in digests:
        refuse_broken_signature(lake, uc, version, digests["release_bundle"], BUNDLE)
    refuse_altered(lake, uc, digests)
    refuse_verdict(lake, uc, version, digests)
    refuse_broken_chain(lake, uc, version, digests)
    approval = approval_of(lake, uc, version)
    if approval.status != "approved":
        raise Refused(unapproved(version, approval))
    refuse_false_signature(lake, uc, version)
    if kind == "promote":  # a frightened person rolls back to what was good under the criteria of its day
        refuse_outdated_criteria(lake, uc, version, digests)
        refuse_scope_changed(lake, uc)
        refuse_blocked(lake, uc, version)
        refuse_expired_override(approval.override, version)
    before = [e.body["model_version"] for e in releases(lake, uc)]
    if kind == "rollback" and version not in before:
        raise Refused(
            f"{version} was never in production; released so far: {', '.join(dict.fromkeys(before)) or 'nothing'}"
        )
    body = {
        "use_case": uc.name,
        "model_version": version,
        "kind": kind,
        "by": person,
        "reason": reason.strip(),
        "digests": digests,
        "approval": approval.entry,
        "previous": before[-1] if before else None,
        **({"override": dict(approval.override)} if approval.override else {}),
    }
    whole = body if rehearsed else signed_body(lake, uc, "release", body, sign)
    made = released(lake.ledger.append("release", whole))
    lake.store.write(pointer(uc), pretty_json(asdict(made)))
    return made


def refuse_false_signature(lake: Lake, uc: UseCase, version: str) -> None:
    """Raises Refused where the decision on a version carries a signature that does not fit, or was copied."""
    about_it = {e.name for e in lake.ledger.entries("approval") if e.body.get("model_version") == version}
    wrong = [p for p in signature_problems(lake, uc.name) if p.partition(":")[0].removeprefix("ledger/") in about_it]
    if wrong:
        raise Refused(f"{wrong[0]}; run genaiops verify")


def unapproved(version: str, approval: Any) -> str:
    if approval.status == "waiting":
        return f"{version} waits for approval: genaiops approve {version} --as NAME --reason TEXT"
    if approval.status == "rejected":
        return f"{version} was rejected by {approval.name} on {approval.at}: {approval.reason}"
    return f"the approval of {version} by {approval.name} lapsed: {', '.join(approval.changed)} changed since"


def last_good(lake: Lake, uc: UseCase) -> str:
    """The version to roll back to, by the ledger: the one promoted before the present one. Rolled back once more it
    goes further back, never forward to what was left, and past what was revoked. Raises Refused when there is none."""
    gone, standing = revocations(lake, uc), list[str]()
    for entry in releases(lake, uc):
        version = entry.body["model_version"]
        if entry.body["kind"] == "rollback" and version in standing:
            del standing[standing.index(version) + 1 :]
        elif version not in standing[-1:]:
            standing.append(version)
    usable = [version for version in standing[:-1] if version not in gone]
    if not usable:
        raise Refused("there is no earlier release to go back to")
    return usable[-1]
