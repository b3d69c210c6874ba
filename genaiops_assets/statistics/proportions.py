"""Intervals of a proportion."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any


def wilson(hits: int, n: int, confidence: float = 0.95) -> dict[str, Any]:
    """A share with its interval: {mean, low, high, n, confidence, method}; None without trials. Source: Wilson 1927."""
    if n == 0:
        return {"mean": None, "low": None, "high": None, "n": 0, "confidence": confidence, "method": "wilson"}
    z, p = NormalDist().inv_cdf(0.5 + confidence / 2), hits / n
    centre, spread = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
    )
    low, high = (0.0 if hits == 0 else centre - spread), (1.0 if hits == n else centre + spread)
    return {"mean": p, "low": low, "high": high, "n": n, "confidence": confidence, "method": "wilson"}


def clopper_pearson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit of a share that hold at least at the stated confidence, whatever the share. Source: Clopper
    and Pearson 1934. ValueError without trials."""
    from scipy.special import betaincinv

    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"{hits} hits of {n} trials give no share")
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high
