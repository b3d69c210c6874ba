"""Scores of items as intervals of a report: which confidence, how many draws, rounded how.

Belongs here: from item scores to the mapping that gates, cards and plots read. Does not belong here: the statistics
(`statistics`), or what is scored (`suites/`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.statistics import Interval, mean_interval, paired_interval

DIGITS = 6
SCORE_BOUNDS = (0.0, 1.0)  # of every score of an item


@dataclass(frozen=True)
class Measure:
    """How scores in 0..1 become intervals. `also`: confidences that gates ask for besides `confidence`."""

    resamples: int
    confidence: float
    seed: int
    also: tuple[float, ...] = ()

    def mean(self, scores: Sequence[float]) -> dict[str, Any]:
        """{mean, low, high, n, confidence, method} and, where other confidences are wanted, `also`: {"0.9": {low,
        high}}."""
        return self._with_others([mean_interval(scores, **self._how(c)) for c in (self.confidence, *self.also)])

    def effect(self, after: Sequence[float], before: Sequence[float]) -> dict[str, Any]:
        """The same for the mean of after - before, item by item."""
        return self._with_others(
            [paired_interval(after, before, **self._how(c)) for c in (self.confidence, *self.also)]
        )

    def _how(self, confidence: float) -> dict[str, Any]:
        return {
            "bounds": SCORE_BOUNDS,
            "confidence": confidence,
            "resamples": self.resamples,
            "seed": self.seed,
        }

    @staticmethod
    def _with_others(intervals: Sequence[Interval]) -> dict[str, Any]:
        first, *others = map(rounded, intervals)
        if others:
            first["also"] = {confidence_key(o["confidence"]): {"low": o["low"], "high": o["high"]} for o in others}
        return first


def confidence_key(confidence: float) -> str:
    """A confidence as a key of JSON: 0.9."""
    return f"{confidence:g}"


def rounded(interval: Interval) -> dict[str, Any]:
    return {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in interval.to_dict().items()}
