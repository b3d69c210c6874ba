"""Scores as intervals that hold whenever one stops: for suites that end early.

Belongs here: the measure of such a suite. Does not belong here: when a suite ends (`stopping.py`), the interval itself
(`statistics`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genaiops_assets.evaluation.measure import DIGITS, Measure, confidence_key, shows_of
from genaiops_assets.statistics import Interval, anytime_interval


@dataclass(frozen=True)
class AnytimeMeasure(Measure):
    """A `Measure` whose intervals may be looked at after every item. Items that were drawn together count as their
    mean, since it is groups that come in random order; so the mean is one over groups. Missing items are counted at the
    worst for one end and at the best for the other."""

    def _of(
        self,
        values: Sequence[float],
        missing: int,
        groups: Sequence[str] | None,
        bounds: tuple[float, float],
        each_alone: Callable[[dict[str, Any]], Interval],
    ) -> dict[str, Any]:
        labels = list(groups) if groups is not None else [str(n) for n in range(len(values) + missing)]
        known = by_group(values, labels[: len(values)])
        confidences = (self.confidence, *self.also)
        found = [anytime_interval(known, bounds, confidence) for confidence in confidences]
        first, *others = ({**interval.to_dict(), "n": len(values)} for interval in found)
        made = {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in first.items()}
        if others:
            made["also"] = {confidence_key(o["confidence"]): {"low": o["low"], "high": o["high"]} for o in others}
        drawn = {"groups": len(known)} if len(known) < len(values) else {}
        attrition = self._filled(values, missing, labels, bounds) if missing else {}
        return {**made, **drawn, **shows_of(found[0]), **attrition}

    def _filled(
        self, values: Sequence[float], missing: int, labels: Sequence[str], bounds: tuple[float, float]
    ) -> dict[str, Any]:
        stated = {"missing": missing, "share": round(missing / (missing + len(values)), DIGITS)}
        worst, best = (by_group([*values, *[end] * missing], labels) for end in bounds)
        if len(worst) < 2:
            return {"attrition": stated}
        ends = {}
        for confidence in (self.confidence, *self.also):
            low, high = (anytime_interval(filled, bounds, confidence) for filled in (worst, best))
            ends[confidence_key(confidence)] = {"low": low.low, "high": high.high}
        least, greatest = round(float(np.mean(worst)), DIGITS), round(float(np.mean(best)), DIGITS)
        first = ends[confidence_key(self.confidence)]
        of_mean = {"low_of_mean": first["low"], "high_of_mean": first["high"]}
        return {"attrition": {**stated, "least": least, "greatest": greatest, **of_mean, "at": ends}}


def by_group(values: Sequence[float], labels: Sequence[str]) -> list[float]:
    """The mean of each group, in the order in which they first come."""
    found: dict[str, list[float]] = {}
    for value, label in zip(values, labels, strict=True):
        found.setdefault(label, []).append(value)
    return [float(np.mean(of)) for of in found.values()]
