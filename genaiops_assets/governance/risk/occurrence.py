"""From a measured figure to a rating of occurrence.

Belongs here: how bad the rate of failures may be by an interval, and the rating a rate gets (`scales.yaml`). Does not
belong here: finding the figure (`resolving.py`), priorities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml


@dataclass(frozen=True)
class FailureRate:
    """Share of items that failed: its mean over n items, and the most it may be by the upper end of its interval, with
    every missing item counted as a failure."""

    mean: float
    upper: float
    n: int
    missing: int
    confidence: float | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def failure_rate(interval: Mapping[str, Any], failures: Literal["figure", "rest"]) -> FailureRate | None:
    """`interval`: {mean, low, high, n, confidence} of a score in 0..1, perhaps with `attrition`. None where it has no
    items, no end, or lies outside 0..1, as a difference may. A single item has no interval and measures nothing."""
    mean, low, high = (interval.get(name) for name in ("mean", "low", "high"))
    if mean is None or low is None or high is None or not 0 <= low <= mean <= high <= 1:
        return None
    n, missing = interval["n"], (interval.get("attrition") or {}).get("missing", 0)
    failed, most = (mean, high) if failures == "figure" else (1 - mean, 1 - low)
    upper = (n * most + missing) / (n + missing)
    return FailureRate(round(failed, 6), round(upper, 6), n, missing, interval.get("confidence"))


def occurrence_of(rate: float) -> int:
    """The highest rating whose rate this one reaches: 2..10, since no measurement shows that something cannot happen.
    Raises ValueError for a rate outside 0..1."""
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate lies in 0..1, not {rate}")
    rates = [row for row in scales()["occurrence"] if "at_least" in row]
    return max(int(row["rating"]) for row in rates if rate >= row["at_least"])


def observed_occurrence(times: int, answers: int) -> int:
    """The rating of a failure that was seen `times` times in use, `answers` answers being logged: of the upper 95 %
    limit of that share (Clopper and Pearson 1934), and without a log by the count alone (`seen_without_log` of the
    scales). An unreported case is in neither, so this may raise a rating and never lowers one."""
    from genaiops_assets.statistics import clopper_pearson

    if times < 1:
        raise ValueError("what was never seen has no observed rating")
    if answers < times:
        rule = scales()["seen_without_log"]
        return min(10, int(rule["once"]) + (times - 1) * int(rule["each_further"]))
    return occurrence_of(clopper_pearson(times, answers)[1])


def anchor(scale: Literal["severity", "occurrence", "detection"], rating: int, language: str) -> str:
    """What a rating means, in words."""
    return next(str(row[language]) for row in scales()[scale] if row["rating"] == rating)


@cache
def scales() -> dict[str, Any]:
    text = files("genaiops_assets.governance.risk").joinpath("scales.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))
