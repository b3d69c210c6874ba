"""Who signed a classification: a person of the use case, in a record of kind `review` that names its digest.

Belongs here: whether a signature holds for this very classification, or was given for an earlier one. Does not belong
here: how records are read and signed with a key (`governance/records`), what is classified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from genaiops_assets.governance.classification.document import NAME
from genaiops_assets.governance.people import listed_as
from genaiops_assets.governance.records import Record
from genaiops_assets.use_case import UseCase

BOUND_DIGITS = 8  # at least so many of the digest, as in every record's `bound`
ACCEPTING = ("accepted", "accepted_with_conditions")


@dataclass(frozen=True)
class Signature:
    """`by`: who signed this classification, "" while nobody did; `lapsed`: who signed an earlier one."""

    by: str = ""
    record: str = ""
    lapsed: str = ""

    @property
    def in_words(self) -> str:
        if self.by:
            return f"{self.by} ({self.record})"
        return f"nobody; {self.lapsed} signed an earlier one, which is another" if self.lapsed else "nobody"


def may_sign(uc: UseCase, name: str) -> bool:
    """Owners, approvers and who answers for law or ethics; never a builder."""
    people = uc.people
    answering = (*people.roles.get("legal", []), *people.roles.get("ethics_and_compliance", []))
    return listed_as((*people.owners, *people.approvers, *answering), name) is not None and (
        listed_as(people.builders, name) is None
    )


def signature_on(uc: UseCase, records: Iterable[Record], digest: str) -> Signature:
    """The newest signature on this digest, else who signed another classification before."""
    lapsed = ""
    for record in sorted(records, key=lambda one: one.written_on, reverse=True):
        bound, said = record.bound.get(NAME, ""), record.model_dump()
        if said["kind"] != "review" or said["outcome"] not in ACCEPTING or len(bound) < BOUND_DIGITS:
            continue
        if not may_sign(uc, record.author):
            continue
        if digest.startswith(bound):
            return Signature(record.author, record.id)
        lapsed = lapsed or record.author
    return Signature(lapsed=lapsed)
