"""Jumps: figures of a day's traffic that left what the days before were used to.

Belongs here: which figures, and the rule in numbers. Does not belong here: whether questions drifted (`detect.py`),
counting a day's rows (`report.py`), telling anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from genaiops_assets.statistics import wilson

SHARES = {  # share of a day → the figure that says of how many
    "refused": "answers",
    "without_passages": "volume",
    "masked": "volume",
    "in_gaps": "n_current",
}
SECONDS = ("seconds_median", "seconds_p95")
LEAST_SECONDS = 0.2  # a rise below that is nothing a person feels


@dataclass(frozen=True)
class Jumps:
    """When a figure counts as a jump: it is `factor` times the median of the days before, of which `min_days` have it;
    a share rose by `min_rise` at least, more than chance makes of so few rows; the day has `min_interactions`."""

    factor: float
    min_days: int
    min_rise: float
    min_interactions: int


@dataclass(frozen=True)
class Jump:
    figure: str
    value: float
    usual: float
    days: int

    def in_words(self) -> str:
        return f"{self.figure} is {self.value:.4g}, usually {self.usual:.4g} (median of {self.days} days)"


def find_jumps(today: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]], rule: Jumps) -> list[Jump]:
    """What jumped, by the figures of a day's report and those of the days before it."""
    if today.get("volume", 0) < rule.min_interactions:
        return []
    found = []
    for figure in ("volume", *SHARES, *SECONDS):
        before = [float(day[figure]) for day in earlier if day.get(figure) is not None]
        if today.get(figure) is None or len(before) < rule.min_days:
            continue
        value, usual = float(today[figure]), median(before)
        if value >= rule.factor * usual and rises_enough(figure, value, usual, today, rule):
            found.append(Jump(figure, value, usual, len(before)))
    return found


def rises_enough(figure: str, value: float, usual: float, today: Mapping[str, Any], rule: Jumps) -> bool:
    """Whether a rise is worth a call, beside being large in proportion: twice nothing is nothing."""
    if figure == "volume":
        return value - usual >= rule.min_interactions
    if figure in SECONDS:
        return value - usual >= LEAST_SECONDS
    n = int(today.get(SHARES[figure]) or 0)
    low = wilson(round(value * n), n)["low"]
    return n >= rule.min_interactions and value - usual >= rule.min_rise and low is not None and low > usual
