"""Items that were asked and gave no score: what the mean could be whatever they would have been.

Belongs here: bounds over missing values, and intervals that cover them. Does not belong here: which items count as
missing (`evaluation`). The mean meant is over all items asked, answered or not."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genaiops_assets.statistics.clusters import cluster_interval
from genaiops_assets.statistics.intervals import Bounds, two_sided_z

_HALVINGS = 60


@dataclass(frozen=True)
class Attrition:
    """The mean over answered and missing items: between `least` and `greatest` in this very sample. `low` and `high`
    bound it at the stated confidence at each end, so a gate may decide on either; `low_of_mean` and `high_of_mean`
    cover the true mean at that confidence and are narrower (critical value of Imbens and Manski)."""

    answered: int
    missing: int
    least: float
    greatest: float
    low: float
    high: float
    low_of_mean: float
    high_of_mean: float
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def imbens_manski_critical(gap: float, error: float, confidence: float = 0.95) -> float:
    """How many standard errors to go beyond each end of what missing items leave open, so that the true mean is
    covered at the confidence: the two-sided value (1.96) where nothing is missing (gap 0), the one-sided (1.645) where
    the gap is wide, since the mean cannot lie beyond both ends.

    `gap`: distance of the ends, `error`: their larger standard error, in one unit. ValueError for negative ones.
    Source: Imbens and Manski 2004, "Confidence intervals for partially identified parameters", equation 7."""
    if not gap >= 0 or not error >= 0:
        raise ValueError(f"gap and error cannot be negative: {gap}, {error}")
    normal = NormalDist()
    least, most = normal.inv_cdf(confidence), two_sided_z(confidence)
    if error == 0:
        return most if gap == 0 else least
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        covered = normal.cdf(middle + gap / error) - normal.cdf(-middle)
        least, most = (middle, most) if covered < confidence else (least, middle)
    return most


def bounded_by_missing(
    answered: ArrayLike,
    missing: int,
    *,
    bounds: Bounds,
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    resamples: int = 5000,
    seed: int = 0,
) -> Attrition | None:
    """Every missing item counted once at the lower and once at the upper bound; None with fewer than two items, or
    groups of items, asked. `clusters`: the group of each answered item, then of each missing one. ValueError for a
    negative count or values outside their bounds."""
    values = np.asarray(answered, dtype=np.float64)
    if missing < 0:
        raise ValueError(f"{missing} items cannot be missing")
    n = values.size + missing
    groups: Sequence[Hashable] = range(n) if clusters is None else clusters
    if len(set(groups)) < 2:
        return None
    worst, best = (np.concatenate([values, np.full(missing, float(bound))]) for bound in bounds)
    error = max(float(worst.std(ddof=1)), float(best.std(ddof=1))) / math.sqrt(n)
    critical = imbens_manski_critical(float(best.mean() - worst.mean()), error, confidence)
    of_mean = 1 - 2 * NormalDist().cdf(-critical)

    def end(items: ArrayLike, level: float) -> tuple[float, float]:
        found = cluster_interval(items, groups, bounds=bounds, confidence=level, resamples=resamples, seed=seed)
        assert found.low is not None and found.high is not None
        return found.low, found.high

    return Attrition(
        answered=int(values.size),
        missing=missing,
        least=float(worst.mean()),
        greatest=float(best.mean()),
        low=end(worst, confidence)[0],
        high=end(best, confidence)[1],
        low_of_mean=end(worst, of_mean)[0],
        high_of_mean=end(best, of_mean)[1],
        confidence=confidence,
    )
