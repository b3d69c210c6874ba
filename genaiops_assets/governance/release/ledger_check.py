"""What the ledger's entries mean: was each release allowed when it was made?

Belongs here: reading approvals and releases against each other and against the people of that time. Does not belong
here: the chain itself (`lake/ledger.py`), the present state of an approval (`approvals.py`)."""

from __future__ import annotations

from genaiops_assets.governance.keys import people_of_scope
from genaiops_assets.governance.release.revoked import REVOCATION
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.text import stands_among

SCOPE = "use_case_scope"


def ledger_problems(lake: Lake, use_case: str | None = None) -> list[str]:
    """Why the ledger cannot be trusted, for whoever serves or decides; empty when it can. First the chain, its time,
    its lake and its high-water mark; then, of one use case or all, whether each release rests on an earlier approval of
    the same version and digests by somebody who was approver then. A few milliseconds for a few hundred entries."""
    found = lake.ledger.problems()
    return found or release_problems(lake, use_case)


def release_problems(lake: Lake, use_case: str | None = None) -> list[str]:
    """The second part alone."""
    entries = list(lake.ledger.entries())
    found = []
    for entry in entries:
        if entry.kind == "release" and use_case in (None, entry.body.get("use_case")):
            found += [f"ledger/{entry.name}: {why}" for why in wrong_with(lake, entry, entries)]
    return found


def wrong_with(lake: Lake, entry: Entry, entries: list[Entry]) -> list[str]:
    """Why one release was not allowed when it was made."""
    body = entry.body
    version = f"the release of {body.get('model_version')}"
    about = [e for e in entries if e.kind == "approval" and e.seq < entry.seq and same_version(e, entry)]
    approval = next((e for e in about if e.hash == body.get("approval")), None)
    if approval is None:
        return [f"{version} names no earlier approval of that version"]
    found = []
    if approval.body.get("decision") != "approved":
        found.append(f"{version} rests on a decision that is not an approval")
    if approval is not about[-1]:
        found.append(f"{version} rests on an approval after which {about[-1].body.get('decision')} was decided")
    if approval.body.get("digests") != body.get("digests"):
        found.append(f"{version} has other digests than its approval")
    if any(e.kind == REVOCATION and e.seq < entry.seq and same_version(e, entry) for e in entries):
        found.append(f"{version} came after its revocation, which is final")
    if not was_approver(lake, approval, entries):
        found.append(f"{version} was approved by {approval.body.get('name')!r}, who was no approver then")
    return found


def same_version(one: Entry, other: Entry) -> bool:
    return all(one.body.get(k) == other.body.get(k) for k in ("use_case", "model_version"))


def was_approver(lake: Lake, approval: Entry, entries: list[Entry]) -> bool:
    """Whether the one who approved stood among the approvers of a scope recorded before, or of the next one after: the
    file may have been changed just before the decision, and its asset made after it."""
    asset = f"{approval.body.get('use_case')}/{SCOPE}"
    scopes = [e for e in entries if e.kind == "materialized" and e.body.get("asset") == asset]
    before = [e for e in scopes if e.seq < approval.seq]
    after = [e for e in scopes if e.seq > approval.seq][:1]
    name = str(approval.body.get("name"))
    return any(stands_among(name, approvers(lake, asset, e.body["digest"])) for e in [*reversed(before), *after])


def approvers(lake: Lake, asset: str, digest: str) -> list[str]:
    """The approvers of a scope; nobody, where it is gone or no scope."""
    named = (people_of_scope(lake, asset, digest) or {}).get("approvers")
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
