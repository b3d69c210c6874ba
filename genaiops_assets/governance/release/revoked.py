"""Revoked versions, as the ledger has them.

Belongs here: which versions were revoked, and the refusal of everything that would use one. Does not belong here:
revoking (`revoking.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.use_case import UseCase

REVOCATION = "revocation"  # kind of the ledger's entry


@dataclass(frozen=True)
class Revocation:
    """`by` whom, `at` when and why a version was revoked; `entry`: hash of the ledger's entry; `signed`: whether it
    carries a signature (`genaiops verify` says whether that fits)."""

    model_version: str
    by: str
    reason: str
    at: str
    entry: str
    signed: bool = False

    def in_words(self) -> str:
        return f"{self.model_version} was revoked by {self.by} on {self.at}: {self.reason}"


def revocations(lake: Lake, uc: UseCase) -> dict[str, Revocation]:
    """Model version → its revocation, oldest first; the first one counts."""
    found: dict[str, Revocation] = {}
    for entry in lake.ledger.entries(REVOCATION):
        if entry.body.get("use_case") == uc.name:
            found.setdefault(entry.body["model_version"], _from(entry))
    return found


def revocation_of(lake: Lake, uc: UseCase, version: str) -> Revocation | None:
    return revocations(lake, uc).get(version)


def refuse_revoked(lake: Lake, uc: UseCase, version: str) -> None:
    """Raises Refused for a version that somebody revoked: that is final."""
    if found := revocation_of(lake, uc, version):
        raise Refused(f"{found.in_words()}; that is final: nothing answers with it, and nobody can release it again")


def _from(entry: Entry) -> Revocation:
    body = entry.body
    signed = "signature" in body
    return Revocation(body["model_version"], body["by"], body["reason"], entry.at, entry.hash, signed)
