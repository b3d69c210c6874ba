"""Agreement of people or judges who rate the same units: Krippendorff's alpha with an interval.

Belongs here: the coefficient, whatever was rated. Does not belong here: who rated what (`alignment`), or what follows
from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Level(StrEnum):
    """What the values of a rating mean."""

    NOMINAL = "nominal"  # names: equal or not
    ORDINAL = "ordinal"  # ranks
    INTERVAL = "interval"  # numbers whose differences mean something


@dataclass(frozen=True)
class Agreement:
    """1 is full agreement, 0 what chance gives, below 0 contradiction. `alpha` is None where nothing can be said: no
    unit was rated twice, or all ratings are one value. `low` and `high`: bootstrap percentiles over units, None below
    two units. `units`: those rated at least twice; `ratings`: the ratings of these."""

    alpha: float | None
    low: float | None
    high: float | None
    level: str
    units: int
    ratings: int
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def krippendorff_alpha(
    ratings: Sequence[Sequence[Any]],
    level: Level = Level.NOMINAL,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Agreement:
    """Alpha of `ratings`, one sequence a unit (raters in any order, any number of them); None and NaN are missing.

    The interval resamples units: those who rated stay the same people, and ratings of one unit belong together.
    Resamples of one value only say nothing and are left out. Raises ValueError for values that are no finite numbers
    where the level needs them. Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", sections A to
    D; Hayes and Krippendorff 2007 for the bootstrap."""
    if not 0 < confidence < 1 or resamples < 1:
        raise ValueError("confidence must lie between 0 and 1, and there must be resamples")
    rated = [said for unit in ratings if len(said := [v for v in unit if not _missing(v)]) > 1]
    values = _values(rated, level)
    place = {value: n for n, value in enumerate(values)}
    counts = np.zeros((len(rated), len(values)))
    for row, said in zip(counts, rated, strict=True):
        for value in said:
            row[place[value]] += 1
    each = _coincidences(counts)
    spread = _numbers(values) if level is Level.INTERVAL else None
    alpha = _alpha(each.sum(axis=0), level, spread)
    low, high = _limits(each, level, spread, confidence, resamples, seed) if alpha is not None else (None, None)
    return Agreement(alpha, low, high, level.value, len(rated), int(counts.sum()), confidence)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _values(rated: Sequence[Sequence[Any]], level: Level) -> list[Any]:
    """All values, in the order that the level gives them."""
    found = {value for said in rated for value in said}
    if level is Level.NOMINAL:
        return sorted(found, key=lambda value: (str(type(value)), str(value)))
    if not all(isinstance(v, (int, float)) and math.isfinite(v) for v in found):
        raise ValueError(f"{level.value} ratings must be finite numbers")
    return sorted(found)


def _numbers(values: Sequence[Any]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _coincidences(counts: Floats) -> Floats:
    """Pairs of values within each unit, each unit weighing as many as it has ratings; shape (units, values, values)."""
    pairs = counts[:, :, None] * counts[:, None, :]
    own = np.arange(counts.shape[1])
    pairs[:, own, own] -= counts
    return pairs / (counts.sum(axis=1) - 1)[:, None, None]


def _alpha(coincidences: Floats, level: Level, spread: Floats | None) -> float | None:
    """Observed against expected disagreement; None where nothing could disagree."""
    totals = coincidences.sum(axis=1)
    distance = _distances(totals, level, spread)
    expected = float(totals @ distance @ totals)
    if expected <= 0:
        return None
    return 1 - (float(totals.sum()) - 1) * float((coincidences * distance).sum()) / expected


def _distances(totals: Floats, level: Level, spread: Floats | None) -> Floats:
    """Squared differences of values."""
    if spread is not None:
        return (spread[:, None] - spread[None, :]) ** 2
    if level is Level.NOMINAL:
        return 1 - np.eye(len(totals))
    middle = np.cumsum(totals) - totals / 2  # ranks between two values, with half of each of them
    return (middle[:, None] - middle[None, :]) ** 2


def _limits(
    each: Floats, level: Level, spread: Floats | None, confidence: float, resamples: int, seed: int
) -> tuple[float | None, float | None]:
    units, width = each.shape[:2]
    if units < 2:
        return None, None
    random = np.random.default_rng(seed)
    weights = random.multinomial(units, np.full(units, 1 / units), size=resamples).astype(np.float64)
    sums = (weights @ each.reshape(units, -1)).reshape(resamples, width, width)
    found = [a for one in sums if (a := _alpha(one, level, spread)) is not None]
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail]) if found else (None, None)
    return (None, None) if low is None or high is None else (float(low), float(high))
