"""Section `anchors` of the use case file, and the file `anchors.yaml` of a home: where the ledger's head is noted
outside.

Belongs here: the fields. Does not belong here: writing and comparing anchors (`governance/anchors`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from genaiops_assets.use_case.base import Ref, Strict

KINDS = ("file", "git", "openlineage")


def _known(place: str) -> str:
    kind, _, rest = place.partition(":")
    if kind not in KINDS or not rest.strip():
        raise ValueError(f"expected file:PATH, git:REPOSITORY or openlineage:FILE, found {place!r}")
    return place


Place = Annotated[Ref, AfterValidator(_known)]


class Anchors(Strict):
    """Places outside the home, where those who can write in the home cannot write, or not without a trace."""

    to: list[Place] = Field(min_length=1, description="file:PATH, git:REPOSITORY (a note), openlineage:FILE")
    tsa: Ref | None = Field(
        default=None, description="address of a time-stamping authority (RFC 3161); asked each time"
    )
    tsa_certificate: str | None = Field(default=None, description="PEM file of that authority's root")
    within_days: int = Field(default=2, ge=1, description="age of the newest anchor that is too old")
