"""Compares two samples of questions: are they from one distribution, and if not, how much of the traffic moved?

Belongs here: which statistics are combined, and the rule that turns them into a verdict. Does not: the statistics
themselves, names of what moved, plots, or what to do about drift."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.drift import statistics
from genaiops_assets.drift.moved import Moved, moved_clusters, moved_share
from genaiops_assets.statistics import Matrix, Statistic, combined_test

MINIMUM_SAMPLE = 20
MAXIMUM_SAMPLE = 1000
TERM_WEIGHT = 0.5  # of a question's words beside its unit embedding


@dataclass(frozen=True)
class DriftResult:
    """The verdict and the numbers behind it; everything but the counts is None or empty when there was too little to
    compare.

    p_value is that of the combined permutation test, by_statistic that of each statistic alone. moved_share (0 to 1)
    is a lower estimate of the share of questions that are on other topics than before, the largest of three: what
    clearly grown topics gained, questions with like neighbours only, questions far from all others. centroid_distance
    is the cosine distance of the two means (0 to 2). clusters are the topics: rows of reference and current by number,
    and how each changed."""

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
    """Whether current (m, d) drifted from reference (n, d), both one embedding a row; texts are the questions
    themselves, row by row.

    Drifted means both: a permutation test finds the difference statistically real (p_value <= alpha), and at least
    min_effect of the questions moved between topics, enough to act on. With many rows the first alone would flag
    differences nobody can notice, with few the second alone would flag noise. The test combines seven statistics over
    common permutations, because none sees every shift: MMD (the distribution as a whole), distance of the centroids
    (all questions moved a little), counts in clusters (topics grew or shrank), like neighbours and crowds of them
    (small and large new topics), isolation (scattered questions off every topic) and, with texts, MMD over their terms
    (what the embedding model cannot read). Where the rows of both sides are drawn from one distribution, P(p_value <=
    alpha) <= alpha, whatever that is. Rows are taken as independent: leave out repetitions before.

    At most 1000 rows of each side are tested, drawn by seed; the centroids see all. The order of the rows does not
    matter, and the same input gives the same result. Under 20 rows a side nothing is tested: enough is False and
    drifted is False.

    Raises ValueError when the arrays are not two-dimensional, finite and equally wide, texts are not one a row, alpha
    is not in (0, 1), min_effect is not in [0, 1], or there are too few permutations for any p_value to reach alpha.
    Sources: Gretton et al. 2012, A Kernel Two-Sample Test; Schilling 1986 (nearest neighbours); Rabanser et al. 2019,
    Failing Loudly (no single statistic sees all shifts); combined_test for how they are combined."""
    reference, current = _checked(reference, "reference"), _checked(current, "current")
    _check_settings(reference, current, alpha, min_effect, permutations, texts)
    if min(len(reference), len(current)) < MINIMUM_SAMPLE:
        reason = (
            f"too few to compare: {len(reference)} reference and {len(current)} current rows, of {MINIMUM_SAMPLE} "
            "needed each"
        )
        return DriftResult(False, False, [reason], None, None, None, len(reference), len(current))

    random = np.random.default_rng(seed)
    pool = _pooled((reference, current), texts, random)
    seen = _measures(pool, random)
    test = combined_test(seen.statistics, pool.labels, permutations, random)
    moved = moved_clusters(seen.clusters, pool.labels, pool.origin, random)
    share = max(moved_share(moved), seen.new_share, seen.isolated_share)
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


@dataclass(frozen=True)
class _Pool:
    """Rows of both sides in an order that says nothing about the side; labels are 1 for current, origin the row's
    number in its sample."""

    rows: Matrix
    labels: Matrix
    texts: list[str] | None
    origin: list[int]


@dataclass(frozen=True)
class _Measures:
    """What the pooled rows are tested by, and two lower estimates of the share of current rows that are new."""

    statistics: dict[str, Statistic]
    clusters: NDArray[np.int64]
    new_share: float
    isolated_share: float


def _measures(pool: _Pool, random: np.random.Generator) -> _Measures:
    terms = statistics.term_vectors(pool.texts) if pool.texts else None
    place = pool.rows if terms is None else np.hstack([pool.rows, TERM_WEIGHT * statistics.projected(terms, random)])
    clusters = statistics.k_means(place, statistics.cluster_count(len(place)), random)
    squared = statistics.squared_distances(place)
    few, many = statistics.nearest_rows(squared, statistics.FEW), statistics.nearest_rows(squared, statistics.MANY)
    isolated_share = statistics.isolated_share(statistics.isolation(squared, many))
    tested = {
        "mmd": statistics.mean_distance(statistics.rbf_features(pool.rows, random)),
        "centroids": statistics.centroids(pool.rows),
        "clusters": statistics.cluster_counts(clusters),
        "neighbours": statistics.like_neighbours(few),
        "crowds": statistics.like_neighbours_weighted(many),
        "isolation": isolated_share,
        **({} if terms is None else {"terms": statistics.mean_distance(terms)}),
    }
    new_share = statistics.new_share(few, pool.labels)
    return _Measures(tested, clusters, new_share, float(isolated_share(pool.labels[None, :])[0]))


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
        raise ValueError(
            f"{len(texts[0])} and {len(texts[1])} texts do not fit {len(reference)} and {len(current)} rows"
        )
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be in (0, 1), not {alpha}")
    if not 0 <= min_effect <= 1:
        raise ValueError(f"min_effect is a share of the questions, 0 to 1, not {min_effect}")
    if permutations < 1 or 1 / (permutations + 1) > alpha:
        raise ValueError(
            f"{permutations} permutations cannot give a p-value of {alpha}; use at least {int(np.ceil(1 / alpha))}"
        )


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


def _pooled(
    samples: tuple[Matrix, Matrix], texts: tuple[Sequence[str], Sequence[str]] | None, random: np.random.Generator
) -> _Pool:
    """At most 1000 rows of each side, in the order of the rows themselves, equal ones by lot. Whatever depends on the
    order (seeds of clusters, which of equally near rows is a neighbour) is then fair to both sides."""
    words = texts or ([""] * len(samples[0]), [""] * len(samples[1]))
    drawn = [_drawn(rows, said, random) for rows, said in zip(samples, words, strict=True)]
    rows = np.concatenate([side[chosen] for side, chosen in zip(samples, drawn, strict=True)])
    said = [side[i] for side, chosen in zip(words, drawn, strict=True) for i in chosen]
    labels, origin = np.repeat([0.0, 1.0], [len(chosen) for chosen in drawn]), [i for chosen in drawn for i in chosen]
    order = _in_order(rows, said, random.random(len(rows)).tolist())
    return _Pool(rows[order], labels[order], [said[i] for i in order] if texts else None, [origin[i] for i in order])


def _drawn(rows: Matrix, texts: Sequence[str], random: np.random.Generator) -> list[int]:
    """The numbers of at most 1000 rows, the same rows in whatever order they come."""
    ordered = _in_order(rows, texts, [0.0] * len(rows))
    if len(ordered) <= MAXIMUM_SAMPLE:
        return ordered
    return [ordered[i] for i in random.choice(len(ordered), MAXIMUM_SAMPLE, replace=False)]


def _in_order(rows: Matrix, texts: Sequence[str], ties: Sequence[float]) -> list[int]:
    return sorted(range(len(rows)), key=lambda i: (rows[i].tobytes(), texts[i], ties[i]))
