"""Numbers that every interaction has (length, language, retrieval score): whether their distribution moved, and by how
much.

Belongs here: PSI, KS and Wasserstein of two samples of one number. Does not: measuring the numbers, or a verdict on
drift."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS, NO_SPREAD = 10, 1e-6


@dataclass(frozen=True)
class FeatureShift:
    """One feature before and now. psi >= 0 (population stability index over tenths of the reference), ks the largest
    distance of the distribution functions (0 to 1) with its p_value, wasserstein >= 0 the mean distance to carry one
    distribution to the other, in units of the reference's standard deviation (of both together where the reference is
    one value). is_clear: p_value counts after Holm's correction for the number of features."""

    name: str
    n_reference: int
    n_current: int
    mean_before: float
    mean_now: float
    psi: float
    ks: float
    p_value: float
    wasserstein: float
    is_clear: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def shifted_features(
    reference: Mapping[str, ArrayLike], current: Mapping[str, ArrayLike], *, alpha: float, minimum: int
) -> list[FeatureShift]:
    """The features both sides have at least `minimum` finite values of, the largest Wasserstein distance first.

    The chance that any of them is called clear where none moved is at most alpha (Holm 1979); the KS test is exact or
    conservative, also with ties. Sources: Yurdakul 2018 (PSI; 0.1 and 0.25 are its customary marks, and it grows with
    1/n), Kolmogorov-Smirnov and Wasserstein as in scipy.stats."""
    found = [
        _shift(name, before, now)
        for name in reference.keys() & current.keys()
        if min(len(before := _finite(reference[name])), len(now := _finite(current[name]))) >= max(minimum, 2)
    ]
    clear = _holm([f.p_value for f in found], alpha)
    marked = [FeatureShift(**{**asdict(f), "is_clear": is_clear}) for f, is_clear in zip(found, clear, strict=True)]
    return sorted(marked, key=lambda f: (-f.wasserstein, f.name))


def psi(reference: ArrayLike, current: ArrayLike, bins: int = BINS) -> float:
    """Population stability index over the quantiles of the reference, or over the values themselves where there are no
    more of them than bins. Half a count is added to each bin, so that an empty one stays finite."""
    before, now = _finite(reference), _finite(current)
    values = np.unique(np.concatenate([before, now]))
    edges = values[:-1] if len(values) <= bins else np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, side, side="left"), minlength=len(edges) + 1) for side in (before, now)
    ]
    first, second = map(_shares, counts)
    return float(((second - first) * np.log(second / first)).sum())


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return (counts + 0.5) / (counts.sum() + 0.5 * len(counts))


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=np.float64)
    return found[np.isfinite(found)]


def _shift(name: str, before: NDArray[np.float64], now: NDArray[np.float64]) -> FeatureShift:
    from scipy.stats import ks_2samp, wasserstein_distance

    test: Any = ks_2samp(before, now)
    whole = float(np.concatenate([before, now]).std())
    spread = float(before.std())
    if spread <= NO_SPREAD * whole:  # the reference is one value: measured in the deviation of both
        spread = whole or 1.0
    return FeatureShift(
        name=name,
        n_reference=len(before),
        n_current=len(now),
        mean_before=float(before.mean()),
        mean_now=float(now.mean()),
        psi=psi(before, now),
        ks=float(test.statistic),
        p_value=float(test.pvalue),
        wasserstein=float(wasserstein_distance(before, now)) / spread,
    )


def _holm(p_values: list[float], alpha: float) -> list[bool]:
    clear, still = [False] * len(p_values), True
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        still = still and p_values[place] <= alpha / (len(p_values) - rank)
        clear[place] = still
    return clear
