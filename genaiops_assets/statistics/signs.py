"""The sign test: whether differences point one way more often than chance explains, and which share it would find.

Belongs here: counts of signs. Does not belong here: sizes of differences (`intervals.py`), what is compared."""

from __future__ import annotations

import math

from genaiops_assets.statistics.paired import mcnemar


def sign_test(up: int, down: int) -> float:
    """Two-sided p-value of so many differences up and down where both are as likely; zeros are left out beforehand.
    Exact, and 1.0 without any difference. Source: Dixon and Mood 1946, "The statistical sign test". ValueError for a
    negative count."""
    if up < 0 or down < 0:
        raise ValueError(f"counts must not be negative: {up}, {down}")
    return mcnemar(up, down)  # counts of pairs that differ are counts of signs


def detectable_share(n: int, level: float = 0.05, power: float = 0.8) -> float | None:
    """The smallest share of `n` differences pointing up (above one half) that the sign test at this level finds with
    this power; None where no share can be found, so few there are. Exact, by bisection to 1e-6."""
    if n < 1 or not 0 < level < 1 or not 0 < power < 1:
        raise ValueError(f"n must be positive, level and power between 0 and 1, not {n}, {level}, {power}")
    least = next((k for k in range(n // 2 + 1, n + 1) if sign_test(k, n - k) <= level), None)
    if least is None:
        return None
    low, high = 0.5, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if _at_least(least, n, middle) >= power:
            high = middle
        else:
            low = middle
    return high


def _at_least(k: int, n: int, share: float) -> float:
    """The chance of at least k of n."""
    if share >= 1.0:
        return 1.0
    logs = (
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(share)
        + (n - i) * math.log1p(-share)
        for i in range(k, n + 1)
    )  # fmt: skip
    return math.fsum(map(math.exp, logs))
