"""How sure a mean is: confidence intervals over items, and how many items would be enough.

Belongs here: intervals of means and of paired differences. Does not belong here: what is averaged (`metrics.py`) and
what an interval decides (`gates.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genaiops_assets.statistics.proportions import clopper_pearson

Bounds = tuple[float, float]
_ROUNDING = 1e-9
DRAWS_AT_ONCE = 4_000_000  # 32 MB of numbers: bounds memory, whatever the number of items


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval over n items, in the unit of the items.

    With no items everything but `n` is None; with one item `low` and `high` are, since one value shows no spread.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    confidence: float
    method: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def mean_interval(
    values: ArrayLike,
    *,
    bounds: Bounds | None = None,
    confidence: float = 0.95,
    resamples: int = 5000,
    seed: int = 0,
) -> Interval:
    """The mean of `values` (shape [n]) with its interval; the same arguments give the same interval.

    With `bounds` (least and greatest value an item can have) the interval keeps a width where all items are equal: the
    items may have missed what is rare and harmful, so each bound counts one more item at its end point
    (`_bounded_limits`). Scores that decide something always state their bounds. Without bounds nothing is known about
    what was never drawn: a BCa bootstrap, and width zero for equal values (`method` "constant"). ValueError for values
    that are not finite, not one-dimensional or outside their bounds. Source of BCa: Efron 1987, "Better bootstrap
    confidence intervals", with ties counted half."""
    _check_confidence(confidence)
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, not {resamples}")
    items = _finite(values)
    n = items.size
    if n == 0:
        return Interval(None, None, None, 0, confidence, "none")
    mean = float(items.mean())
    if n == 1:
        return Interval(mean, None, None, 1, confidence, "none")
    if bounds is not None:
        limits = _bounded_limits(items, bounds, confidence, resamples, seed)
        return Interval(mean, min(limits[0], mean), max(limits[1], mean), n, confidence, "end_points_added")
    if np.ptp(items) == 0:
        same = float(items[0])
        return Interval(same, same, same, n, confidence, "constant")
    means = _bootstrap_means(items, resamples, seed)
    low, high = np.quantile(means, _bca_levels(items, means, confidence))
    return Interval(mean, min(float(low), mean), max(float(high), mean), n, confidence, "bootstrap_bca")


def paired_interval(
    a: ArrayLike,
    b: ArrayLike,
    *,
    bounds: Bounds | None = None,
    confidence: float = 0.95,
    resamples: int = 5000,
    seed: int = 0,
) -> Interval:
    """The mean of a - b, item by item (both shape [n]), with its interval. `bounds`: those of a and of b; their
    difference has twice the width. ValueError if the lengths differ."""
    left, right = _finite(a), _finite(b)
    if left.size != right.size:
        raise ValueError(f"paired values must have the same length, not {left.size} and {right.size}")
    width = None if bounds is None else (bounds[0] - bounds[1], bounds[1] - bounds[0])
    return mean_interval(left - right, bounds=width, confidence=confidence, resamples=resamples, seed=seed)


def needed_sample(sd: float, half_width: float, confidence: float = 0.95) -> int:
    """Items needed for a mean's interval of +- `half_width`, given the items' standard deviation (normal
    approximation).

    ValueError for a negative sd or a half-width that is not positive.
    """
    _check_confidence(confidence)
    if not sd >= 0 or not half_width > 0:
        raise ValueError(f"sd must be >= 0 and half_width > 0, not {sd} and {half_width}")
    items = (two_sided_z(confidence) * sd / half_width) ** 2
    return max(2, math.ceil(items * (1 - 1e-12)))  # rounding noise must not cost an item


def two_sided_z(confidence: float) -> float:
    """The standard normal quantile of a two-sided interval: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _bounded_limits(
    items: NDArray[np.float64], bounds: Bounds, confidence: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Lower and upper limit of a bounded mean: quantiles of its mean under random weights (Dirichlet, all ones) over
    the items and one more item at the lower, or upper, bound.

    For two-valued items at the bounds this is the interval of Clopper and Pearson 1934, by formula instead of by draws.
    For others the stated error rate holds in every case anybody has tried and is conjectured in general. Sources:
    Gaffke 2005, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative variable";
    Learned-Miller and Thomas 2019, "A new confidence interval for the mean of a bounded random variable"."""
    least, greatest = float(bounds[0]), float(bounds[1])
    if not least < greatest or items.min() < least - _ROUNDING or items.max() > greatest + _ROUNDING:
        raise ValueError(f"values from {items.min():g} to {items.max():g} do not lie within the bounds {bounds}")
    tail = (1 - confidence) / 2
    if np.isin(items, (least, greatest)).all():
        low, high = clopper_pearson(int((items == greatest).sum()), items.size, confidence)
        return least + (greatest - least) * low, least + (greatest - least) * high
    rng, lows, highs = np.random.default_rng(seed), [], []
    block = max(1, DRAWS_AT_ONCE // (items.size + 1))
    for start in range(0, resamples, block):
        weights = rng.standard_exponential((min(block, resamples - start), items.size + 1))
        total = weights.sum(axis=1)
        among = weights[:, 1:] @ items
        lows.append((among + weights[:, 0] * least) / total)
        highs.append((among + weights[:, 0] * greatest) / total)
    low = np.quantile(np.concatenate(lows), tail, method="lower")
    high = np.quantile(np.concatenate(highs), 1 - tail, method="higher")
    return float(low), float(high)


def _bootstrap_means(items: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Means of `resamples` draws with replacement, shape [resamples], drawn in blocks of bounded memory."""
    rng = np.random.default_rng(seed)
    block = max(1, DRAWS_AT_ONCE // items.size)
    sizes = [min(block, resamples - start) for start in range(0, resamples, block)]
    return np.concatenate([items[rng.integers(0, items.size, (size, items.size))].mean(axis=1) for size in sizes])


def _bca_levels(items: NDArray[np.float64], means: NDArray[np.float64], confidence: float) -> Sequence[float]:
    """The two quantile levels of the bias-corrected and accelerated interval."""
    normal = NormalDist()
    below = (np.sum(means < items.mean()) + 0.5 * np.sum(means == items.mean())) / means.size
    edge = 0.5 / means.size
    bias = normal.inv_cdf(float(np.clip(below, edge, 1 - edge)))
    deviations = (items - items.mean()) / np.abs(items - items.mean()).max()  # scaled: cubes of tiny values underflow
    acceleration = float(np.sum(deviations**3) / (6 * np.sum(deviations**2) ** 1.5))
    z = two_sided_z(confidence)

    def level(quantile: float) -> float:
        shifted = bias + quantile
        return normal.cdf(bias + shifted / max(1 - acceleration * shifted, 1e-9))

    return level(-z), level(z)


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    items = np.asarray(values, dtype=np.float64)
    if items.ndim != 1:
        raise ValueError(f"values must be one-dimensional, not of shape {items.shape}")
    if not np.isfinite(items).all():
        raise ValueError("values must be finite numbers")
    return items


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
