"""Deciding before all items are scored, as safely as with all of them.

Belongs here: tests of a bounded mean that may be looked at after every item. Does not belong here: which item comes
next (an order drawn beforehand, never one chosen by scores)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genaiops_assets.statistics.intervals import Bounds, Interval

Outcome = Literal["above", "below", "open"]
STAKES = np.geomspace(0.005, 0.95, 24)  # shares of what may be bet at most, in equal parts


@dataclass
class SequentialTest:
    """Whether the mean of items within `bounds` lies above or below `threshold`, item by item.

    Two players bet on each next item at fair odds, one that the mean lies above the threshold, one that it lies below;
    each spreads its stake over many sizes of bet. If a player is wrong its capital ever reaches 1 / alpha with a
    chance of at most alpha, however often one looks: `alpha` is the false-pass rate at that side and needs no
    correction for stopping early. Items must come in random order. Sources: Ville 1939; Waudby-Smith and Ramdas 2024,
    "Estimating means of bounded random variables by betting", section 4 and appendix (diversified Kelly bets)."""

    threshold: float
    bounds: Bounds
    alpha: float = 0.025
    seen: int = 0
    outcome: Outcome = "open"
    _above: NDArray[np.float64] = field(default_factory=lambda: np.zeros(STAKES.size))
    _below: NDArray[np.float64] = field(default_factory=lambda: np.zeros(STAKES.size))

    def __post_init__(self) -> None:
        least, greatest = self.bounds
        if not least < self.threshold < greatest or not 0 < self.alpha < 1:
            raise ValueError(f"threshold {self.threshold} must lie within {self.bounds}, alpha {self.alpha} in (0, 1)")

    def look(self, values: ArrayLike) -> Outcome:
        """Take more items in; what was decided stays decided. ValueError for values outside the bounds."""
        least, greatest = self.bounds
        items = np.asarray(values, dtype=np.float64).ravel()
        if not ((least <= items) & (items <= greatest)).all():
            raise ValueError(f"values from {items.min()} to {items.max()} do not lie within {self.bounds}")
        if self.outcome != "open" or not items.size:
            return self.outcome
        gains = (items - self.threshold)[:, None] * STAKES
        above = self._above + np.cumsum(np.log1p(gains / (self.threshold - least)), axis=0)
        below = self._below + np.cumsum(np.log1p(-gains / (greatest - self.threshold)), axis=0)
        goal = -math.log(self.alpha)
        won = np.stack([log_capital(above) >= goal, log_capital(below) >= goal])
        first = int(won.any(axis=0).argmax()) if won.any() else items.size - 1
        if won.any():
            self.outcome = "above" if won[0, first] else "below"
        self._above, self._below, self.seen = above[first], below[first], self.seen + first + 1
        return self.outcome


def log_capital(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the mean capital over all sizes of bet, the last axis."""
    top = logs.max(axis=-1, keepdims=True)
    found: NDArray[np.float64] = top[..., 0] + np.log(np.exp(logs - top).mean(axis=-1))
    return found


def confidence_sequence(
    values: ArrayLike, bounds: Bounds, confidence: float = 0.95, steps: int = 400
) -> list[tuple[float, float]]:
    """After each item the range of means not refuted so far, each end at (1 - confidence) / 2: all of them hold at
    once at the confidence. Shape [n] of (low, high), on a grid of `steps`, rounded outward."""
    items = np.asarray(values, dtype=np.float64)
    least, greatest = bounds
    means = least + (greatest - least) * np.arange(1, steps) / steps
    goal = math.log(2 / (1 - confidence))
    up, down = (np.zeros((means.size, STAKES.size)) for _ in range(2))
    low, high, found = least, greatest, []
    for value in items:
        up += np.log1p(STAKES * ((value - means) / (means - least))[:, None])
        down += np.log1p(STAKES * ((means - value) / (greatest - means))[:, None])
        too_small, too_large = (log_capital(player) >= goal for player in (up, down))
        low = max(low, float(means[too_small].max())) if too_small.any() else low
        high = min(high, float(means[too_large].min())) if too_large.any() else high
        found.append((low, high))
    return found


def stops_at(values: Sequence[float], threshold: float, bounds: Bounds, alpha: float = 0.025) -> tuple[Outcome, int]:
    """What a test decides on items in this order, and after how many."""
    test = SequentialTest(threshold, bounds, alpha)
    return test.look(values), test.seen


def anytime_interval(values: ArrayLike, bounds: Bounds, confidence: float = 0.95, steps: int = 400) -> Interval:
    """The mean of items within `bounds` (shape [n]) with an interval that holds whenever one chooses to stop: whatever
    was seen until then may decide it. Each end misses at (1 - confidence) / 2 over all stops together. On a grid of
    `steps`, rounded outward; it always holds the mean, and is wider than an interval of a sample size fixed beforehand.
    ValueError for values outside the bounds. Source: as `SequentialTest`, the capital at the stop."""
    items = np.asarray(values, dtype=np.float64).ravel()
    if items.size < 2:
        mean = float(items.mean()) if items.size else None
        return Interval(mean, None, None, items.size, confidence, "none")
    least, greatest = bounds
    if not ((least <= items) & (items <= greatest)).all():
        raise ValueError(f"values from {items.min()} to {items.max()} do not lie within {bounds}")
    means = least + (greatest - least) * np.arange(1, steps) / steps
    goal, (kinds, counts) = math.log(2 / (1 - confidence)), np.unique(items, return_counts=True)
    gains = (kinds[None, :] - means[:, None])[:, None, :] * STAKES[None, :, None]
    up = (np.log1p(gains / (means - least)[:, None, None]) * counts).sum(axis=-1)
    down = (np.log1p(-gains / (greatest - means)[:, None, None]) * counts).sum(axis=-1)
    too_small, too_large = (means[log_capital(player) >= goal] for player in (up, down))
    low = float(too_small.max()) if too_small.size else least
    high = float(too_large.min()) if too_large.size else greatest
    return Interval(float(items.mean()), low, high, items.size, confidence, "anytime")
