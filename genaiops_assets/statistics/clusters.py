"""Intervals where items come in groups: questions about one document, attacks from one seed prompt.

Belongs here: means over items whose groups, not items, were drawn. Does not belong here: which items belong together
(`evaluation`)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genaiops_assets.statistics.intervals import DRAWS_AT_ONCE, Bounds, Interval, mean_interval

Numbers = NDArray[np.float64]


def cluster_interval(
    values: ArrayLike,
    clusters: Sequence[Hashable],
    *,
    bounds: Bounds | None = None,
    confidence: float = 0.95,
    resamples: int = 5000,
    seed: int = 0,
) -> Interval:
    """The mean of all items (shape [n]) with an interval over their groups (`clusters`, one label an item); `n` counts
    items. Groups of one item each give `mean_interval`.

    With `bounds` the groups get random weights (Dirichlet, all ones), and one more group of the largest size stands
    at the bound, as `mean_interval` does with items: few groups, or groups that are all alike, leave the width that
    unseen groups deserve. Without, whole groups are drawn with replacement (cluster bootstrap, percentiles). `low` and
    `high` are None with fewer than two groups: one group shows no spread. ValueError for lengths that differ. Sources:
    Cameron, Gelbach and Miller 2008, "Bootstrap-based improvements for inference with clustered errors"; Miller 2024,
    "Adding error bars to evals", section 2.2."""
    items = np.asarray(values, dtype=np.float64)
    if items.shape != (len(clusters),):
        raise ValueError(f"every item needs a group: {items.shape} items, {len(clusters)} labels")
    places = {label: place for place, label in enumerate(dict.fromkeys(clusters))}
    member = np.array([places[label] for label in clusters], dtype=np.intp)
    sizes = np.bincount(member, minlength=len(places)).astype(np.float64)
    if len(places) == items.size or items.size < 2:
        return mean_interval(items, bounds=bounds, confidence=confidence, resamples=resamples, seed=seed)
    mean = float(items.mean())
    if len(places) < 2:
        return Interval(mean, None, None, items.size, confidence, "none")
    sums = np.bincount(member, weights=items, minlength=len(places)).astype(np.float64)
    tail = (1 - confidence) / 2
    if bounds is None:
        means = _drawn_groups(sums, sizes, resamples, seed)
        low, high = np.quantile(means, [tail, 1 - tail])
        return Interval(
            mean, min(float(low), mean), max(float(high), mean), items.size, confidence, "cluster_bootstrap"
        )
    if items.min() < bounds[0] or items.max() > bounds[1]:
        raise ValueError(f"values from {items.min():g} to {items.max():g} do not lie within the bounds {bounds}")
    lows, highs = _weighted_groups(sums, sizes, bounds, resamples, seed)
    low, high = np.quantile(lows, tail, method="lower"), np.quantile(highs, 1 - tail, method="higher")
    return Interval(mean, min(float(low), mean), max(float(high), mean), items.size, confidence, "end_groups_added")


def _drawn_groups(sums: Numbers, sizes: Numbers, resamples: int, seed: int) -> Numbers:
    """Means over items of `resamples` draws of whole groups with replacement."""
    rng, groups = np.random.default_rng(seed), len(sizes)
    times = rng.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    found: Numbers = (times @ sums) / (times @ sizes)
    return found


def _weighted_groups(
    sums: Numbers, sizes: Numbers, bounds: Bounds, resamples: int, seed: int
) -> tuple[Numbers, Numbers]:
    rng, more = np.random.default_rng(seed), float(sizes.max())
    lows, highs = [], []
    block = max(1, DRAWS_AT_ONCE // (len(sizes) + 1))
    for start in range(0, resamples, block):
        weights = rng.standard_exponential((min(block, resamples - start), len(sizes) + 1))
        extra = weights[:, 0] * more
        total, among = weights[:, 1:] @ sizes + extra, weights[:, 1:] @ sums
        lows.append((among + extra * bounds[0]) / total)
        highs.append((among + extra * bounds[1]) / total)
    return np.concatenate(lows), np.concatenate(highs)
