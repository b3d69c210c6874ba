"""Quantiles with intervals that assume nothing of the distribution.

Belongs here: quantiles of independent measurements. Does not belong here: means and shares (`intervals.py`,
`proportions.py`), or what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

METHOD = "order statistics"


def quantile_interval(values: Sequence[float], share: float, confidence: float = 0.95) -> dict[str, Any]:
    """{value, low, high, n, confidence, method}: the quantile below which `share` of the values lie (0 < share < 1, the
    smallest value with so many at or below it), and two of the values between which it lies with the stated confidence
    whatever the distribution. A bound is None where so few values cannot give it: there are too few beyond. Source:
    David and Nagaraja 2003 ("Order Statistics"), section 7.1. ValueError for a value that is no finite number."""
    if not 0 < share < 1 or not 0 < confidence < 1:
        raise ValueError(f"share and confidence lie between 0 and 1, not {share} and {confidence}")
    if not all(map(math.isfinite, values)):
        raise ValueError("a measurement is no finite number")
    ranked, n, tail = sorted(values), len(values), (1 - confidence) / 2
    found: dict[str, Any] = {"n": n, "confidence": confidence, "method": METHOD}
    if not ranked:
        return {"value": None, "low": None, "high": None, **found}
    below = _cumulative(n, share)  # that at most k values lie below the quantile
    low = max((k for k in range(1, n + 1) if below[k - 1] <= tail), default=0)
    high = next((k for k in range(1, n + 1) if below[k - 1] >= 1 - tail), 0)
    return {
        "value": ranked[max(0, math.ceil(share * n - 1e-9) - 1)],
        "low": ranked[low - 1] if low else None,
        "high": ranked[high - 1] if high else None,
        **found,
    }


def needed_for_upper_bound(share: float, confidence: float = 0.95) -> int:
    """How many values a quantile needs so that its interval ends above, too."""
    return math.ceil(math.log((1 - confidence) / 2) / math.log(share))


def _cumulative(n: int, share: float) -> list[float]:
    """Probability of at most k of n, for k = 0 ... n. In logarithms: the ways to choose from over a thousand are no
    float."""
    total, found = 0.0, []
    for k in range(n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        total += math.exp(ways + k * math.log(share) + (n - k) * math.log1p(-share))
        found.append(total)
    return found
