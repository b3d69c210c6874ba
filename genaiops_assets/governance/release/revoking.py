"""Revoking a model version: for good, by a named person, with a reason.

Belongs here: who may, the ledger's entry, and the mark on the production pointer. Does not belong here: what a revoked
version may not do any more (`revoked.py`), going back to another version (`production.py`)."""

from __future__ import annotations

from dataclasses import asdict, replace

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys import Signer, signed_body
from genaiops_assets.governance.people import listed_as, refuse_empty_reason
from genaiops_assets.governance.release.production import last_good, pointer, production_release
from genaiops_assets.governance.release.revoked import REVOCATION, Revocation, revocation_of
from genaiops_assets.governance.release.verdicts import refuse_version
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.text import each_once
from genaiops_assets.use_case import UseCase


def may_revoke(uc: UseCase) -> list[str]:
    """Approvers, owners, who oversees the system in use, and who is on call: stopping must not wait for one person."""
    named = [*uc.people.approvers, *uc.people.owners, *uc.people.oversight, *uc.people.roles.get("on_call", [])]
    return each_once(named)


def revoke(lake: Lake, uc: UseCase, version: str, *, by: str, reason: str, sign: Signer | None = None) -> Revocation:
    """Take a version out for good: ledger first, then the mark on the pointer, where it is in production. Nothing
    answers from then on until somebody releases another version. Typed again it finishes what was cut off. Raises
    Refused."""
    refuse_version(version)
    person = listed_as(may_revoke(uc), by)
    if person is None:
        raise Refused(f"{by!r} may not revoke a version of {uc.name}: {', '.join(may_revoke(uc))} may")
    refuse_empty_reason(reason, "a revocation")
    found = revocation_of(lake, uc, version)
    if found and not mark_pointer(lake, uc, found):
        raise Refused(f"{found.in_words()}; it cannot be revoked again")
    if found:
        return found
    if lake.heads.get(uc.key("model_plan"), version) is None:
        known = ", ".join(lake.heads.partitions(uc.key("model_plan"))) or "none"
        raise Refused(f"there is no version {version} of {uc.name}; there are: {known}")
    body = {
        "use_case": uc.name,
        "model_version": version,
        "by": person,
        "reason": reason.strip(),
        "in_production": in_production(lake, uc, version),
    }
    lake.ledger.append(REVOCATION, signed_body(lake, uc, REVOCATION, body, sign))
    made = revocation_of(lake, uc, version)
    assert made is not None
    mark_pointer(lake, uc, made)
    return made


def in_production(lake: Lake, uc: UseCase, version: str) -> bool:
    try:
        now = production_release(lake, uc)
    except ValueError:  # a damaged pointer must not keep anybody from revoking
        return False
    return now is not None and now.model_version == version


def mark_pointer(lake: Lake, uc: UseCase, made: Revocation) -> bool:
    """Whether the production pointer named the version and did not say yet that it is revoked; it does now."""
    if not in_production(lake, uc, made.model_version):
        return False
    now = production_release(lake, uc)
    if now is None or now.revoked == made.entry:
        return False
    lake.store.write(pointer(uc), pretty_json(asdict(replace(now, revoked=made.entry))))
    return True


def way_back(lake: Lake, uc: UseCase) -> str:
    """The version a rollback would go to, "" for none."""
    try:
        return last_good(lake, uc)
    except Refused:
        return ""
