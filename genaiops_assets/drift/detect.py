"""Compares two samples of questions: are they from one distribution, and if not, how much of the traffic moved?

Belongs here: which statistics are combined, and the rule that turns them into a verdict. Does not: the statistics themselves, names of
what moved, plots, or what to do about drift.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from genaiops_assets.drift import statistics
from genaiops_assets.drift.moved import Moved, moved_clusters, moved_share
from genaiops_assets.drift.permutation import Matrix, combined_test

MINIMUM_SAMPLE = 20
MAXIMUM_SAMPLE = 1000
TERM_WEIGHT = 0.5  # of a question's words beside its unit embedding


@dataclass(frozen=True)
class DriftResult:
    """The verdict and the numbers behind it; everything but the counts is None or empty when there was too little to compare.

    p_value is that of the combined permutation test, by_statistic that of each statistic alone. moved_share (0 to 1) is a lower estimate
    of the share of questions that are on other topics than before, the largest of three: what clearly grown topics gained, questions with
    like neighbours only, questions far from all others. centroid_distance is the cosine distance of the two means (0 to 2). clusters are
    the topics: rows of reference and current by number, and how each changed.
    """

    drifted: bool
    enough: bool
    reasons: list[str]
    p_value: float | None
    moved_share: float | None
    centroid_distance: float | None
    n_reference: int
    n_current: int
    by_statistic: dict[str, float] = field(default_factory=dict)
    clusters: list[Moved] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain values, ready for JSON; without the clusters, which name rows."""
        return {name: value for name, value in asdict(self).items() if name != "clusters"}


def compare(
    reference: np.ndarray,
    current: np.ndarray,
    *,
    alpha: float,
    min_effect: float,
    permutations: int,
    seed: int,
    texts: tuple[Sequence[str], Sequence[str]] | None = None,
) -> DriftResult:
    """Whether current (m, d) drifted from reference (n, d), both one embedding a row; texts are the questions themselves, row by row.

    Drifted means both: a permutation test finds the difference statistically real (p_value <= alpha), and at least min_effect of the
    questions moved between topics, enough to act on. With many rows the first alone would flag differences nobody can notice, with few
    the second alone would flag noise. The test combines seven statistics over common permutations, because none sees every shift: MMD
    (the distribution as a whole), distance of the centroids (all questions moved a little), counts in clusters (topics grew or shrank),
    like neighbours and crowds of them (small and large new topics), isolation (scattered questions off every topic) and, with texts, MMD
    over their terms (what the embedding model cannot read). Where the rows of both sides are drawn from one distribution,
    P(p_value <= alpha) <= alpha, whatever that is. Rows are taken as independent: leave out repetitions before.

    At most 1000 rows of each side are tested, drawn by seed; the centroids see all. The order of the rows does not matter, and the same
    input gives the same result. Under 20 rows a side nothing is tested: enough is False and drifted is False.

    Raises ValueError when the arrays are not two-dimensional, finite and equally wide, texts are not one a row, alpha is not in (0, 1),
    min_effect is not in [0, 1], or there are too few permutations for any p_value to reach alpha.
    Sources: Gretton et al. 2012, A Kernel Two-Sample Test; Schilling 1986 (nearest neighbours); Rabanser et al. 2019, Failing Loudly (no
    single statistic sees all shifts); combined_test for how they are combined.
    """
    reference, current = _checked(reference, "reference"), _checked(current, "current")
    _check_settings(reference, current, alpha, min_effect, permutations, texts)
    if min(len(reference), len(current)) < MINIMUM_SAMPLE:
        reason = f"too few to compare: {len(reference)} reference and {len(current)} current rows, of {MINIMUM_SAMPLE} needed each"
        return DriftResult(False, False, [reason], None, None, None, len(reference), len(current))

    random = np.random.default_rng(seed)
    words = texts or ([""] * len(reference), [""] * len(current))
    before, now = _drawn(reference, words[0], random), _drawn(current, words[1], random)
    rows, labels, names, origin = _pooled((reference, current), words, (before, now), random)
    terms = statistics.term_vectors(names) if texts else None
    place = rows if terms is None else np.hstack([rows, TERM_WEIGHT * statistics.projected(terms, random)])
    squared = statistics.squared_distances(place)
    clusters = statistics.k_means(place, statistics.cluster_count(len(rows)), random)
    near, around = statistics.nearest_rows(squared, statistics.FEW), statistics.nearest_rows(squared, statistics.MANY)
    isolated = statistics.isolation(squared, around)
    seen = {
        "mmd": statistics.mean_distance(statistics.rbf_features(rows, random)),
        "centroids": statistics.centroids(rows),
        "clusters": statistics.cluster_counts(clusters),
        "neighbours": statistics.like_neighbours(near),
        "crowds": statistics.like_neighbours_weighted(around),
        "isolation": statistics.isolated_share(isolated),
    }
    if terms is not None:
        seen["terms"] = statistics.mean_distance(terms)
    test = combined_test(seen, labels, permutations, random)
    moved = moved_clusters(clusters, labels, origin, random)
    share = max(moved_share(moved), statistics.new_share(near, labels), float(seen["isolation"](labels[None, :])[0]))
    is_real, is_large = test.p_value <= alpha, share >= min_effect
    return DriftResult(
        drifted=is_real and is_large,
        enough=True,
        reasons=[_reason_real(test.p_value, alpha, is_real), _reason_large(share, min_effect, is_large)],
        p_value=test.p_value,
        moved_share=share,
        centroid_distance=_cosine_distance(reference.mean(axis=0), current.mean(axis=0)),
        by_statistic=test.by_statistic,
        n_reference=len(reference),
        n_current=len(current),
        clusters=moved,
    )


def _checked(sample: np.ndarray, name: str) -> Matrix:
    rows = np.asarray(sample, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"{name} must have shape (rows, dimensions), not {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} holds values that are not finite")
    return rows


def _check_settings(
    reference: Matrix,
    current: Matrix,
    alpha: float,
    min_effect: float,
    permutations: int,
    texts: tuple[Sequence[str], Sequence[str]] | None,
) -> None:
    if reference.shape[1] != current.shape[1]:
        raise ValueError(f"reference has {reference.shape[1]} dimensions and current {current.shape[1]}")
    if texts and (len(texts[0]), len(texts[1])) != (len(reference), len(current)):
        raise ValueError(f"{len(texts[0])} and {len(texts[1])} texts do not fit {len(reference)} and {len(current)} rows")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be in (0, 1), not {alpha}")
    if not 0 <= min_effect <= 1:
        raise ValueError(f"min_effect is a share of the questions, 0 to 1, not {min_effect}")
    if permutations < 1 or 1 / (permutations + 1) > alpha:
        raise ValueError(f"{permutations} permutations cannot give a p-value of {alpha}; use at least {int(np.ceil(1 / alpha))}")


def _reason_real(p_value: float, alpha: float, is_real: bool) -> str:
    if is_real:
        return f"the questions differ more than chance allows (p = {p_value:.5f}, at most {alpha:g} counts as real)"
    return f"the questions differ no more than chance allows (p = {p_value:.5f}, above {alpha:g})"


def _reason_large(share: float, min_effect: float, is_large: bool) -> str:
    if is_large:
        return f"enough of them moved to other topics to act on ({share:.1%}, at least {min_effect:.1%} counts)"
    return f"too few of them moved to other topics to act on ({share:.1%}, below {min_effect:.1%})"


def _cosine_distance(first: Matrix, second: Matrix) -> float:
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    if lengths == 0:
        return 0.0 if np.array_equal(first, second) else 1.0
    return float(np.clip(1 - first @ second / lengths, 0, 2))


def _drawn(rows: Matrix, texts: Sequence[str], random: np.random.Generator) -> list[int]:
    """The numbers of at most 1000 rows, the same rows in whatever order they come."""
    ordered = _in_order(rows, texts)
    if len(ordered) <= MAXIMUM_SAMPLE:
        return ordered
    return [ordered[i] for i in random.choice(len(ordered), MAXIMUM_SAMPLE, replace=False)]


def _in_order(rows: Matrix, texts: Sequence[str], ties: Sequence[float] | None = None) -> list[int]:
    ties = ties or [0.0] * len(rows)
    return sorted(range(len(rows)), key=lambda i: (rows[i].tobytes(), texts[i], ties[i]))


def _pooled(
    samples: tuple[Matrix, Matrix],
    texts: tuple[Sequence[str], Sequence[str]],
    drawn: tuple[list[int], list[int]],
    random: np.random.Generator,
) -> tuple[Matrix, Matrix, list[str], list[int]]:
    """Rows, labels (1: current), texts and row numbers of both, in an order that says nothing about the side: that of the rows themselves,
    equal ones by lot. Whatever depends on the order (seeds of clusters, which of equally near rows is a neighbour) is fair to both sides."""
    rows = np.concatenate([samples[0][drawn[0]], samples[1][drawn[1]]])
    words = [texts[0][i] for i in drawn[0]] + [texts[1][i] for i in drawn[1]]
    labels = np.repeat([0.0, 1.0], [len(drawn[0]), len(drawn[1])])
    order = _in_order(rows, words, random.random(len(rows)).tolist())
    origin = [*drawn[0], *drawn[1]]
    return rows[order], labels[order], [words[i] for i in order], [origin[i] for i in order]
