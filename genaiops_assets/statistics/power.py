"""What a sample of some size can show, and the size that shows some difference.

Belongs here: power of a comparison of a mean with a limit. Does not belong here: intervals (`intervals.py`). All are
normal approximations over items; a mean of pairs counts each pair as one item."""

from __future__ import annotations

import math
from statistics import NormalDist

from genaiops_assets.statistics.intervals import two_sided_z

POWER = 0.8  # shown in four cases of five: what plans of studies usually ask for


def minimum_detectable(sd: float, n: int, confidence: float = 0.95, power: float = POWER) -> float:
    """The least true distance from the limit that n items show with this power, in the unit of `sd` (of one item).

    ValueError unless sd >= 0, n >= 1 and power lies in (0.5, 1). Source: Miller 2024, "Adding error bars to evals",
    section 5 (sample size for paired differences)."""
    if not sd >= 0 or n < 1:
        raise ValueError(f"sd must be >= 0 and n at least 1, not {sd} and {n}")
    return _deviations(confidence, power) * sd / math.sqrt(n)


def sample_to_detect(difference: float, sd: float, confidence: float = 0.95, power: float = POWER) -> int:
    """Items that show a true difference of this size with this power. ValueError for a difference that is not
    positive."""
    if not difference > 0 or not sd >= 0:
        raise ValueError(f"the difference must be > 0 and sd >= 0, not {difference} and {sd}")
    items = (_deviations(confidence, power) * sd / difference) ** 2
    return max(2, math.ceil(items * (1 - 1e-12)))


def spread_of_end(distance: float, n: int, confidence: float = 0.95) -> float:
    """The standard deviation of one item that would put an interval's end so far from its mean: that of the items for
    a normal interval, more for one that is honest in small samples. What is planned with it holds for the interval
    that decides."""
    if not distance >= 0 or n < 1:
        raise ValueError(f"the distance must be >= 0 and n at least 1, not {distance} and {n}")
    return distance * math.sqrt(n) / two_sided_z(confidence)


def _deviations(confidence: float, power: float) -> float:
    if not 0.5 < power < 1:
        raise ValueError(f"power must lie between 0.5 and 1, not {power}")
    return two_sided_z(confidence) + NormalDist().inv_cdf(power)
