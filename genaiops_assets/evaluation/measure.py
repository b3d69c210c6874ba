"""Scores of items as intervals of a report: which confidence, how many draws, rounded how.

Belongs here: from item scores to the mapping that gates, cards and plots read. Does not belong here: the statistics
(`statistics`), or what is scored (`suites/`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.statistics import (
    Interval,
    bounded_by_missing,
    cluster_interval,
    mean_interval,
    minimum_detectable,
    paired_interval,
    sample_to_detect,
    spread_of_end,
)

DIGITS = 6
SCORE_BOUNDS = (0.0, 1.0)  # of every score of an item
EFFECT_BOUNDS = (-1.0, 1.0)  # of a difference of two
WORTHWHILE = 0.05  # the least difference that matters where nobody states another, as in a gate


@dataclass(frozen=True)
class Measure:
    """How scores in 0..1 become intervals. `also`: confidences that gates ask for besides `confidence`."""

    resamples: int
    confidence: float
    seed: int
    also: tuple[float, ...] = ()

    def mean(self, scores: Sequence[float], missing: int = 0, groups: Sequence[str] | None = None) -> dict[str, Any]:
        """{mean, low, high, n, confidence, method}, what so many items can show (`shows_of`) and, where other
        confidences are wanted, `also`: {"0.9": {low, high}}; where items have no score, `attrition` too. `groups`: with
        which items each was drawn, those with a score first, then the missing ones; where groups are fewer than items,
        groups are what is counted on."""
        return self._of(scores, missing, groups, SCORE_BOUNDS, lambda how: mean_interval(scores, **how))

    def effect(
        self, after: Sequence[float], before: Sequence[float], missing: int = 0, groups: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """The same for the mean of after - before, item by item; `missing`: pairs that lack either score."""
        moved = [a - b for a, b in zip(after, before, strict=True)]
        return self._of(moved, missing, groups, EFFECT_BOUNDS, lambda how: paired_interval(after, before, **how))

    def _of(
        self,
        values: Sequence[float],
        missing: int,
        groups: Sequence[str] | None,
        bounds: tuple[float, float],
        each_alone: Callable[[dict[str, Any]], Interval],
    ) -> dict[str, Any]:
        if groups is None or len(set(groups)) == len(groups):
            together, groups = None, None
        else:
            together = list(groups[: len(values)])
        found = []
        for confidence in (self.confidence, *self.also):
            how = self._how(confidence)
            found.append(
                each_alone(how) if together is None else cluster_interval(values, together, **{**how, "bounds": bounds})
            )
        drawn = {"groups": len(set(together))} if together else {}
        shows = shows_of(found[0])
        return {**self._with_others(found), **drawn, **shows, **self._attrition(values, missing, bounds, groups)}

    def _attrition(
        self, values: Sequence[float], missing: int, bounds: tuple[float, float], groups: Sequence[str] | None
    ) -> dict[str, Any]:
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
                clusters=groups,
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


def shows_of(found: Interval) -> dict[str, Any]:
    """{"shows": {difference, worthwhile, needed}}: the least true difference from any value that so many items show in
    four cases of five, and the items that would show a worthwhile one; nothing without an interval. Planned with the
    wider side of the interval, so that it holds whichever end decides."""
    if found.low is None or found.high is None or found.mean is None or found.n < 2:
        return {}
    spread = spread_of_end(max(found.mean - found.low, found.high - found.mean, 0.0), found.n, found.confidence)
    return {
        "shows": {
            "difference": round(minimum_detectable(spread, found.n, found.confidence), DIGITS),
            "worthwhile": WORTHWHILE,
            "needed": sample_to_detect(WORTHWHILE, spread, found.confidence),
        }
    }


def confidence_key(confidence: float) -> str:
    """A confidence as a key of JSON: 0.9."""
    return f"{confidence:g}"


def rounded(interval: Interval) -> dict[str, Any]:
    return {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in interval.to_dict().items()}
