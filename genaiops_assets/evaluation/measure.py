"""Scores of items as intervals of a report: which confidence, how many draws, rounded how.

Belongs here: from item scores to the mapping that gates, cards and plots read. Does not belong here: the statistics
(`statistics`), or what is scored (`suites/`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.statistics import Interval, bounded_by_missing, mean_interval, paired_interval

DIGITS = 6
SCORE_BOUNDS = (0.0, 1.0)  # of every score of an item
EFFECT_BOUNDS = (-1.0, 1.0)  # of a difference of two


@dataclass(frozen=True)
class Measure:
    """How scores in 0..1 become intervals. `also`: confidences that gates ask for besides `confidence`."""

    resamples: int
    confidence: float
    seed: int
    also: tuple[float, ...] = ()

    def mean(self, scores: Sequence[float], missing: int = 0) -> dict[str, Any]:
        """{mean, low, high, n, confidence, method} and, where other confidences are wanted, `also`: {"0.9": {low,
        high}}; where items have no score, `attrition` too."""
        found = self._with_others([mean_interval(scores, **self._how(c)) for c in (self.confidence, *self.also)])
        return {**found, **self._attrition(scores, missing, SCORE_BOUNDS)}

    def effect(self, after: Sequence[float], before: Sequence[float], missing: int = 0) -> dict[str, Any]:
        """The same for the mean of after - before, item by item; `missing`: pairs that lack either score."""
        found = self._with_others(
            [paired_interval(after, before, **self._how(c)) for c in (self.confidence, *self.also)]
        )
        moved = [a - b for a, b in zip(after, before, strict=True)]
        return {**found, **self._attrition(moved, missing, EFFECT_BOUNDS)}

    def _attrition(self, values: Sequence[float], missing: int, bounds: tuple[float, float]) -> dict[str, Any]:
        """{"attrition": {missing, share, least, greatest, low_of_mean, high_of_mean, "at": {"0.95": {low, high}}}}:
        what the mean of all items asked could be; nothing where none is missing."""
        if not missing:
            return {}
        found: dict[str, Any] = {"missing": missing, "share": round(missing / (missing + len(values)), DIGITS)}
        ends = {}
        for confidence in (self.confidence, *self.also):
            bounded = bounded_by_missing(
                values,
                missing,
                bounds=bounds,
                confidence=confidence,
                resamples=self.resamples,
                seed=self.seed,
            )
            if bounded is None:
                return {"attrition": found}
            if confidence == self.confidence:
                named = ("least", "greatest", "low_of_mean", "high_of_mean")
                found |= {name: round(getattr(bounded, name), DIGITS) for name in named}
            ends[confidence_key(confidence)] = {"low": round(bounded.low, DIGITS), "high": round(bounded.high, DIGITS)}
        return {"attrition": {**found, "at": ends}}

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
