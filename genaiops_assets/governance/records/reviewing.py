"""Who reviewed an asset's output as it is.

Belongs here: finding those records. Does not belong here: what a review has to say (`schema.py`), approvals of versions
(`governance/release`)."""

from __future__ import annotations

from genaiops_assets.governance.records.reading import read_records
from genaiops_assets.governance.records.schema import Review
from genaiops_assets.use_case import UseCase

SHORTEST_DIGEST = 8  # characters of a digest that a record has to name


def reviewers_of(uc: UseCase, asset: str, digest: str) -> list[str]:
    """Authors of reviews that are bound to the asset's output of this digest and accept it."""
    reviews = (r for r in read_records(uc).records if isinstance(r, Review) and r.outcome != "not_accepted")
    return [review.author for review in reviews if _names(review.bound.get(asset, ""), digest)]


def _names(start: str, digest: str) -> bool:
    return len(start) >= SHORTEST_DIGEST and digest.startswith(start)
