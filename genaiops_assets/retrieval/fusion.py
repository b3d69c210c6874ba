"""Fusion: what several searches found, as one ranking.

Belongs here: reciprocal rank fusion of any rankings, and the blend of a similarity with a match of words. Does not
belong here: searching."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

K = 60  # as in the paper: how little the first places weigh more than the next
# Chosen on the even-numbered questions of BoolQ (400) and of the CFPB's interpretations (106), where 0.15 to 0.3 do as
# well: nDCG@10 0.946 and 0.500, against 0.922 and 0.488 of reciprocal rank fusion and 0.936 and 0.461 of similarity
# alone.
WORDS_WEIGH = 0.2


def fused(rankings: Sequence[Sequence[str]], weights: Sequence[float] | None = None) -> list[str]:
    """All ids of the rankings, by the sum of weight / (60 + rank) over those that hold them, ties in the order of the
    id.

    A repeated id counts at its first place. ValueError when there are not as many weights as rankings. Source:
    Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods"."""
    parts: dict[str, list[float]] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, found in enumerate(dict.fromkeys(ranking), start=1):
            parts.setdefault(found, []).append(weight / (K + rank))
    return ranked({found: math.fsum(values) for found, values in parts.items()})  # equal whatever the order of addition


def blended(similarities: Mapping[str, float], matches: Mapping[str, float], weight: float = WORDS_WEIGH) -> list[str]:
    """All ids of `similarities`, by cosine similarity + weight × BM25 in parts of the best match's; an id without a
    match has none. Unlike ranks, scores say by how much one passage is better. Source: Bruch, Gai and Ingber 2023, "An
    analysis of fusion functions for hybrid retrieval"."""
    best = max(matches.values(), default=0.0) or 1.0
    return ranked({found: similar + weight * matches.get(found, 0.0) / best for found, similar in similarities.items()})


def ranked(scores: Mapping[str, float]) -> list[str]:
    """Best first, ties in the order of the id."""
    return sorted(scores, key=lambda found: (-scores[found], found))
