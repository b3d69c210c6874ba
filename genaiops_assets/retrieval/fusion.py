"""Fusion: several rankings of the same things as one.

Belongs here: reciprocal rank fusion. Does not belong here: where the rankings come from.
"""

from __future__ import annotations

from collections.abc import Sequence

K = 60  # as in the paper: how little the first places weigh more than the next


def fused(rankings: Sequence[Sequence[str]], weights: Sequence[float] | None = None) -> list[str]:
    """All ids of the rankings, by the sum of weight / (60 + rank) over those that hold them, ties in the order of the id.

    A repeated id counts at its first place. ValueError when there are not as many weights as rankings. Source: Cormack, Clarke and Büttcher
    2009, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods".
    """
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, found in enumerate(dict.fromkeys(ranking), start=1):
            scores[found] = scores.get(found, 0.0) + weight / (K + rank)
    return sorted(scores, key=lambda i: (-scores[i], i))
