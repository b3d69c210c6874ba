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
