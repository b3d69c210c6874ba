"""How well a score tells two kinds of things apart: the area under the ROC curve, and recall where few of the other
kind pass, each with an interval.

Belongs here: these figures, whatever the score is. Does not belong here: whose score it is (`evaluation/judges`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genaiops_assets.statistics.intervals import Interval, two_sided_z
from genaiops_assets.statistics.proportions import clopper_pearson

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Recall:
    """Recall of a score at a cut. `cut`: what a score must reach; None where no cut keeps the false positives within
    the share, and then the recall is 0. `recall` and `false_positives`: {mean, low, high, n}, both exact (Clopper and
    Pearson). The cut was chosen on the same negatives, so the interval of `false_positives` says how far the stated
    share can be believed: with n negatives none below 3 / n is shown."""

    cut: float | None
    recall: dict[str, Any]
    false_positives: dict[str, Any]
    at_most: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def auc_interval(positives: ArrayLike, negatives: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """The probability that a positive scores higher than a negative, ties counted half (both shape [n]), with its
    interval; `n` counts both kinds.

    Two intervals are made and the wider end is kept: DeLong's variance on the logit scale, and the one that solves
    |AUC - a| = z * deviation(a) with Newcombe's variance, which keeps a width where the two kinds are told apart
    without a mistake. Everything but `n` is None where one kind is missing. Sources: DeLong, DeLong and
    Clarke-Pearson 1988; Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic, Part 2", method 5. ValueError for scores that are no finite numbers."""
    right, wrong = _finite(positives), _finite(negatives)
    if not right.size or not wrong.size:
        return Interval(None, None, None, int(right.size + wrong.size), confidence, "none")
    above, below = _shares(right, wrong)
    area, z = float(above.mean()), two_sided_z(confidence)
    ends = [_newcombe(area, right.size, wrong.size, z)]
    if 0 < area < 1 and min(right.size, wrong.size) > 1:
        deviation = math.sqrt(above.var(ddof=1) / right.size + below.var(ddof=1) / wrong.size)
        reach = z * deviation / (area * (1 - area))
        middle = math.log(area / (1 - area))
        ends.append((_logistic(middle - reach), _logistic(middle + reach)))
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return Interval(area, min(low, area), max(high, area), int(right.size + wrong.size), confidence, "delong_newcombe")


def recall_at(
    positives: ArrayLike, negatives: ArrayLike, *, false_positive_rate: float = 0.01, confidence: float = 0.95
) -> Recall:
    """Recall at the lowest cut that no more than this share of the negatives reaches. A score equal to the cut reaches
    it. Without positives or negatives the figures are None."""
    right, wrong = _finite(positives), _finite(negatives)
    cut = _cut(right, wrong, false_positive_rate)
    caught = 0 if cut is None else int((right >= cut).sum())
    passed = 0 if cut is None else int((wrong >= cut).sum())
    return Recall(
        cut, _share(caught, right.size, confidence), _share(passed, wrong.size, confidence), false_positive_rate
    )


def _cut(right: Numbers, wrong: Numbers, allowed: float) -> float | None:
    """The lowest score of a positive that few enough negatives reach."""
    if not right.size or not wrong.size:
        return None
    ordered = np.sort(wrong)
    for score in np.unique(right):
        if (wrong.size - np.searchsorted(ordered, score, side="left")) / wrong.size <= allowed:
            return float(score)
    return None


def _shares(right: Numbers, wrong: Numbers) -> tuple[Numbers, Numbers]:
    """For each positive the share of negatives below it, and for each negative the share of positives above it; equal
    scores count half."""
    ordered, others = np.sort(wrong), np.sort(right)
    above = (np.searchsorted(ordered, right, "left") + np.searchsorted(ordered, right, "right")) / (2 * wrong.size)
    below = 1 - (np.searchsorted(others, wrong, "left") + np.searchsorted(others, wrong, "right")) / (2 * right.size)
    return above, below


def _newcombe(area: float, positives: int, negatives: int, z: float) -> tuple[float, float]:
    """The two areas from which the one found is z deviations away."""
    extra = (positives + negatives) / 2 - 1

    def beyond(at: float) -> bool:
        """Whether the area found is further from `at` than z deviations."""
        spread = at * (1 - at) / (positives * negatives)
        variance = spread * (1 + extra * ((1 - at) / (2 - at) + at / (1 + at)))
        return abs(area - at) > z * math.sqrt(variance)

    return _border(beyond, 0.0, area), _border(beyond, 1.0, area)


def _border(beyond: Any, outer: float, inner: float) -> float:
    """Where `beyond` turns between an outer point, where it holds, and an inner one, by halving."""
    if not beyond(outer):
        return outer
    for _ in range(60):
        middle = (outer + inner) / 2
        outer, inner = (middle, inner) if beyond(middle) else (outer, middle)
    return (outer + inner) / 2


def _share(hits: int, n: int, confidence: float) -> dict[str, Any]:
    if not n:
        return {"mean": None, "low": None, "high": None, "n": 0, "confidence": confidence, "method": "none"}
    low, high = clopper_pearson(hits, n, confidence)
    return {
        "mean": hits / n, "low": low, "high": high, "n": int(n), "confidence": confidence, "method": "clopper_pearson",
    }  # fmt: skip


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def _finite(values: ArrayLike | Sequence[float]) -> Numbers:
    found = np.asarray(values, dtype=np.float64).reshape(-1)
    if not np.isfinite(found).all():
        raise ValueError("scores must be finite numbers")
    return found
