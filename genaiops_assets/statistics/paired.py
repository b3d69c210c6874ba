"""Two answers to each question, counted: won, lost, and how easily chance explains it.

Belongs here: exact tests on counts of discordant pairs. Does not belong here: intervals of a mean difference
(`intervals.py`), or what counts as won (`evaluation`)."""

from __future__ import annotations

import math

MOST_BY_COUNTING = 1000  # pairs; beyond, scipy's tail is faster and as exact


def mcnemar(won: int, lost: int) -> float:
    """P-value of "a pair is as often won as lost": exact, two-sided, in (0, 1]; 1.0 where no pair differs.

    The corrected asymptotic form is never used: without any discordant pair it calls equal models different. Source:
    McNemar 1947; Fagerland, Lydersen and Laake 2013, "The McNemar test for binary matched-pairs data". ValueError for
    negative counts."""
    return min(1.0, 2 * more_lost_than_chance(max(won, lost), min(won, lost)))


def more_lost_than_chance(lost: int, won: int) -> float:
    """How likely at least so many losses are where a win is as likely: the sign test, exact and one-sided. 1.0 where
    nothing moved. ValueError for negative counts."""
    if lost < 0 or won < 0:
        raise ValueError(f"counts cannot be negative: {lost} lost, {won} won")
    n = lost + won
    if n > MOST_BY_COUNTING:
        from scipy.special import bdtrc

        return float(bdtrc(lost - 1, n, 0.5)) if lost else 1.0
    return sum(math.comb(n, k) for k in range(lost, n + 1)) / 2**n
