"""The same items scored in several runs: how much of the spread is the runs', how much the items'.

Belongs here: variance components over items and runs. Does not belong here: running anything twice."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Repeats:
    """`between_items`: variance of items' true means (>= 0), `within_items`: variance of one run's score of an item,
    `agreement`: intraclass correlation, the share of the spread that items explain (None where nothing varies),
    `error_of_mean`: standard error of the mean over items and runs, `error_of_runs`: the part of it that more runs
    would take away."""

    items: int
    runs: int
    mean: float
    between_items: float
    within_items: float
    agreement: float | None
    error_of_mean: float
    error_of_runs: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def repeat_variance(scores: ArrayLike) -> Repeats:
    """Scores of shape [items, runs], each at least 2; the same runs for every item. ValueError otherwise, and for
    scores that are not finite. Source: one-way analysis of variance; Shrout and Fleiss 1979, "Intraclass correlations",
    case 1; Miller 2024, "Adding error bars to evals", section 3.1 (resampling)."""
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise ValueError(f"repeats need finite scores of at least two items and two runs, not shape {table.shape}")
    items, runs = table.shape
    means = table.mean(axis=1)
    between_square = runs * float(means.var(ddof=1))
    within_square = float(((table - means[:, None]) ** 2).sum() / (items * (runs - 1)))
    spread = between_square + (runs - 1) * within_square
    return Repeats(
        items=items,
        runs=runs,
        mean=float(table.mean()),
        between_items=max(0.0, (between_square - within_square) / runs),
        within_items=within_square,
        agreement=(between_square - within_square) / spread if spread > 0 else None,
        error_of_mean=math.sqrt(between_square / (items * runs)),
        error_of_runs=math.sqrt(within_square / (items * runs)),
    )
