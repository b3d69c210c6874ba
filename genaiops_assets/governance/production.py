"""Production: which model version is released. A pointer in the lake, backed by the ledger; only `release` moves it.

Belongs here: promote, rollback and reading the pointer. Does not belong here: serving.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from genaiops_assets.governance.approvals import Refused, approval_of, existing, refuse_altered, refuse_verdict
from genaiops_assets.lake import Lake
from genaiops_assets.lake.canonical import pretty_json
from genaiops_assets.use_case import UseCase

Kind = Literal["promote", "rollback"]


@dataclass(frozen=True)
class Release:
    """The production pointer."""

    use_case: str
    model_version: str
    kind: str
    by: str
    reason: str
    at: str
    entry: str
    digests: dict[str, str]
    previous: str | None


def production(lake: Lake, uc: UseCase) -> Release | None:
    """What is released, or None."""
    try:
        return Release(**json.loads(lake.store.read(pointer(uc))))
    except FileNotFoundError:
        return None


def pointer(uc: UseCase) -> str:
    return f"production/{uc.name}.json"


def releases(lake: Lake, uc: UseCase) -> list[Any]:
    """Ledger entries of all releases, oldest first."""
    return [e for e in lake.ledger.entries("release") if e.body["use_case"] == uc.name]


def pointer_problem(lake: Lake, uc: UseCase) -> str | None:
    """Whether pointer and ledger tell the same story; None when they do."""
    now, told = production(lake, uc), releases(lake, uc)
    if now is None and not told:
        return None
    if now is None or not told:
        return f"{pointer(uc)} and the ledger disagree: one of them knows no release"
    last = told[-1]
    if (now.entry, now.model_version) != (last.hash, last.body["model_version"]):
        return f"{pointer(uc)} says {now.model_version}, the ledger's last release is {last.body['model_version']}"
    return None


def release(lake: Lake, uc: UseCase, version: str, *, kind: Kind, by: str, reason: str) -> Release:
    """Move production to a version: everything verified, verdict and approval valid, ledger first, then the pointer. Raises Refused."""
    everybody = {*uc.people.owners, *uc.people.builders, *uc.people.approvers}
    if by not in everybody:
        raise Refused(f"{by!r} is not among the people of {uc.name}: {', '.join(sorted(everybody))}")
    if not reason.strip():
        raise Refused("a release needs a reason: --reason TEXT")
    digests = existing(lake, uc, version)
    refuse_altered(lake, uc, digests)
    refuse_verdict(lake, uc, version)
    approval = approval_of(lake, uc, version)
    if approval.status != "approved":
        raise Refused(unapproved(version, approval))
    before = [e.body["model_version"] for e in releases(lake, uc)]
    if kind == "rollback" and version not in before:
        raise Refused(f"{version} was never in production; released so far: {', '.join(dict.fromkeys(before)) or 'nothing'}")
    now = production(lake, uc)
    body = {
        "use_case": uc.name,
        "model_version": version,
        "kind": kind,
        "by": by,
        "reason": reason.strip(),
        "digests": digests,
        "approval": approval.entry,
        "previous": now.model_version if now else None,
    }
    entry = lake.ledger.append("release", body)
    kept = {k: body[k] for k in ("use_case", "model_version", "kind", "by", "reason", "digests", "previous")}
    made = Release(**kept, at=entry.at, entry=entry.hash)  # type: ignore[arg-type]
    lake.store.write(pointer(uc), pretty_json(asdict(made)))
    return made


def unapproved(version: str, approval: Any) -> str:
    if approval.status == "waiting":
        return f"{version} waits for approval: genaiops approve {version} --as NAME --reason TEXT"
    if approval.status == "rejected":
        return f"{version} was rejected by {approval.name} on {approval.at}: {approval.reason}"
    return f"the approval of {version} by {approval.name} lapsed: {', '.join(approval.changed)} changed since"


def last_good(lake: Lake, uc: UseCase) -> str:
    """The version in production before the present one. Raises Refused when there is none."""
    now = production(lake, uc)
    others = [e.body["model_version"] for e in releases(lake, uc) if now is None or e.body["model_version"] != now.model_version]
    if not others:
        raise Refused("there is no earlier release to go back to")
    return others[-1]
