"""Which topics grew or shrank between two samples, beyond what chance does to shares.

Belongs here: shares of clusters with their significance. Does not: making the clusters (statistics) or naming them
(topics)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.statistics import Matrix

PERMUTATIONS = 999
CLEAR = 0.05


@dataclass(frozen=True)
class Moved:
    """One topic: its rows in reference and current, its share of each (0 to 1), and the chance that any topic moves so
    far by luck."""

    reference_rows: list[int]
    current_rows: list[int]
    share_before: float
    share_after: float
    p_value: float

    @property
    def growth(self) -> float:
        return self.share_after - self.share_before

    @property
    def is_clear(self) -> bool:
        return self.p_value <= CLEAR


def moved_clusters(
    clusters: NDArray[np.int64], labels: Matrix, origin: Sequence[int], random: np.random.Generator
) -> list[Moved]:
    """Every cluster, the most grown first; clusters (n,) and 0/1 labels (n,) by pooled row, origin the row's number in
    its own sample.

    p_value is corrected for there being many clusters: the share of 1000 labellings in which any cluster's
    standardised change is as large. So where nothing moved, the chance that any topic is called clearly moved is at
    most 0.05. Source: Westfall and Young 1993, Resampling-Based Multiple Testing (single-step maxT)."""
    members = np.eye(int(clusters.max()) + 1)[clusters]
    n_current, n = labels.sum(), len(labels)
    n_reference = n - n_current
    shuffled = random.permuted(np.tile(labels, (PERMUTATIONS, 1)), axis=1)
    counts = np.concatenate([labels[None, :], shuffled]) @ members
    sizes = members.sum(axis=0)
    expected = sizes * n_current / n
    spread = np.sqrt(np.maximum(expected * (1 - sizes / n) * n_reference / max(n - 1, 1), 1e-12))
    change = np.abs(counts - expected) / spread
    largest = change.max(axis=1)
    p_values = (largest[:, None] >= change[0] - 1e-9).mean(axis=0)
    found = [
        Moved(
            reference_rows=sorted(origin[i] for i in np.flatnonzero((clusters == c) & (labels == 0)).tolist()),
            current_rows=sorted(origin[i] for i in np.flatnonzero((clusters == c) & (labels == 1)).tolist()),
            share_before=float((sizes[c] - counts[0, c]) / n_reference),
            share_after=float(counts[0, c] / n_current),
            p_value=float(p_values[c]),
        )
        for c in range(members.shape[1])
    ]
    return sorted(found, key=lambda m: (-m.growth, m.current_rows, m.reference_rows))


def moved_share(moved: Sequence[Moved]) -> float:
    """The share of questions that moved between topics: what the clearly grown topics gained or the clearly shrunk
    ones lost, whichever is more. Both are lower bounds of the same number, the total variation distance of the topic
    shares."""
    changes = [m.growth for m in moved if m.is_clear]
    return max(sum(c for c in changes if c > 0), -sum(c for c in changes if c < 0), 0.0)
