"""Compares two samples of embeddings: are they from one distribution, and if not, how far apart are they?

Belongs here: the statistics and the rule that turns them into a verdict. Does not: which terms moved, plots, or what
to do about drift.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MINIMUM_SAMPLE = 20
MAXIMUM_SAMPLE = 1000
_PERMUTATIONS_AT_ONCE = 256
_FOLDS = 5

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class DriftResult:
    """The verdict and the numbers behind it; everything but the counts is None when there was too little to compare.

    centroid_distance is the cosine distance of the two means (0 to 2), mmd the unbiased squared maximum mean discrepancy
    (0 on average without drift, so it may be negative), energy the energy distance (>= 0, in units of the embedding),
    p_value that of mmd, classifier_auc how well a linear classifier tells the samples apart (0.5: not at all, 1: always).
    """

    drifted: bool
    enough: bool
    reasons: list[str]
    centroid_distance: float | None
    mmd: float | None
    p_value: float | None
    energy: float | None
    classifier_auc: float | None
    n_reference: int
    n_current: int

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON."""
        return asdict(self)


def compare(reference: np.ndarray, current: np.ndarray, *, alpha: float, min_effect: float, permutations: int, seed: int) -> DriftResult:
    """Whether current (m, d) drifted from reference (n, d), both one embedding a row.

    Drifted means both: a permutation test on MMD finds the difference statistically real (p_value <= alpha), and the
    centroids are at least min_effect apart in cosine distance, large enough to act on. With many rows the first alone
    would flag differences nobody can notice, with few the second alone would flag noise. The classifier's AUC is
    reported for a reader and decides nothing. Rows are taken as independent; repeated questions make p_value too small.

    MMD uses an RBF kernel as wide as the median distance. It, the energy distance and the classifier see at most 1000
    rows of each side, drawn by seed; the centroids see all. Memory stays under 200 MB, and the same input gives the same
    result. Under 20 rows a side nothing is tested: enough is False and drifted is False.

    Raises ValueError when the arrays are not two-dimensional, finite and equally wide, alpha is not in (0, 1),
    min_effect is negative, or there are too few permutations for any p_value to reach alpha.
    Sources: Gretton et al. 2012, A Kernel Two-Sample Test (MMD); Rabanser et al. 2019, Failing Loudly (MMD and a domain
    classifier for shift); Phipson and Smyth 2010 (p-values of permutation tests); Székely and Rizzo 2013 (energy).
    """
    reference, current = _checked(reference, "reference"), _checked(current, "current")
    _check_settings(reference, current, alpha, min_effect, permutations)
    sizes = {"n_reference": len(reference), "n_current": len(current)}
    if min(sizes.values()) < MINIMUM_SAMPLE:
        reason = f"too few to compare: {len(reference)} reference and {len(current)} current rows, of {MINIMUM_SAMPLE} needed each"
        return DriftResult(False, False, [reason], None, None, None, None, None, **sizes)

    random = np.random.default_rng(seed)
    distance = _cosine_distance(reference.mean(axis=0), current.mean(axis=0))
    first, second = _subsample(reference, random), _subsample(current, random)
    squared = _squared_distances(np.concatenate([first, second]))
    mmd, p_value = _mmd_test(_rbf_kernel(squared), len(first), permutations, random)
    is_real, is_large = p_value <= alpha, distance >= min_effect
    return DriftResult(
        drifted=is_real and is_large,
        enough=True,
        reasons=[_reason_real(p_value, alpha, is_real), _reason_large(distance, min_effect, is_large)],
        centroid_distance=distance,
        mmd=mmd,
        p_value=p_value,
        energy=_energy_distance(squared, len(first)),
        classifier_auc=_classifier_auc(first, second, seed),
        **sizes,
    )


def _checked(sample: np.ndarray, name: str) -> Matrix:
    rows = np.asarray(sample, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"{name} must have shape (rows, dimensions), not {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} holds values that are not finite")
    return rows


def _check_settings(reference: Matrix, current: Matrix, alpha: float, min_effect: float, permutations: int) -> None:
    if reference.shape[1] != current.shape[1]:
        raise ValueError(f"reference has {reference.shape[1]} dimensions and current {current.shape[1]}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be in (0, 1), not {alpha}")
    if not min_effect >= 0:
        raise ValueError(f"min_effect must not be negative, but is {min_effect}")
    if permutations < 1 or 1 / (permutations + 1) > alpha:
        raise ValueError(f"{permutations} permutations cannot give a p-value of {alpha}; use at least {int(np.ceil(1 / alpha))}")


def _reason_real(p_value: float, alpha: float, is_real: bool) -> str:
    if is_real:
        return f"the samples differ more than chance allows (p = {p_value:.4f}, at most {alpha:g} counts as real)"
    return f"the samples differ no more than chance allows (p = {p_value:.4f}, above {alpha:g})"


def _reason_large(distance: float, min_effect: float, is_large: bool) -> str:
    if is_large:
        return f"the centroid moved far enough to act on (cosine distance {distance:.4f}, at least {min_effect:g} counts)"
    return f"the centroid moved too little to act on (cosine distance {distance:.4f}, below {min_effect:g})"


def _cosine_distance(first: Matrix, second: Matrix) -> float:
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    if lengths == 0:
        return 0.0 if np.array_equal(first, second) else 1.0
    return float(np.clip(1 - first @ second / lengths, 0, 2))


def _subsample(rows: Matrix, random: np.random.Generator) -> Matrix:
    if len(rows) <= MAXIMUM_SAMPLE:
        return rows
    return rows[np.sort(random.choice(len(rows), MAXIMUM_SAMPLE, replace=False))]


def _squared_distances(rows: Matrix) -> Matrix:
    """Between all rows: (n, d) gives (n, n). Centring first keeps the subtraction accurate far from the origin."""
    centred = rows - rows.mean(axis=0)
    lengths = (centred**2).sum(axis=1)
    squared = np.maximum(lengths[:, None] + lengths[None, :] - 2 * centred @ centred.T, 0)
    np.fill_diagonal(squared, 0)
    return squared


def _rbf_kernel(squared: Matrix) -> Matrix:
    """exp(-distance^2 / (2 median^2)); where most rows are equal and the median is 0, the mean takes its place."""
    apart = squared[np.triu_indices(len(squared), k=1)]
    width = float(np.median(apart)) or float(apart.mean()) or 1.0
    return np.exp(-squared / (2 * width))


def _mmd_test(kernel: Matrix, n_first: int, permutations: int, random: np.random.Generator) -> tuple[float, float]:
    """The unbiased MMD^2 of the first n_first rows against the rest, and its permutation p-value."""
    np.fill_diagonal(kernel, 0)
    labels = (np.arange(len(kernel)) < n_first).astype(np.float64)
    observed = float(_mmd(kernel, labels[None, :], n_first)[0])
    # Ties broken by rounding must count against drift: equal samples give p = 1.
    as_large = sum(int((_mmd(kernel, batch, n_first) >= observed - 1e-12).sum()) for batch in _shuffled(labels, permutations, random))
    return observed, (as_large + 1) / (permutations + 1)


def _shuffled(labels: Matrix, permutations: int, random: np.random.Generator) -> Iterator[Matrix]:
    for start in range(0, permutations, _PERMUTATIONS_AT_ONCE):
        rows = min(_PERMUTATIONS_AT_ONCE, permutations - start)
        yield random.permuted(np.tile(labels, (rows, 1)), axis=1)


def _mmd(kernel: Matrix, labels: Matrix, n_first: int) -> Matrix:
    """Unbiased MMD^2 (eq. 3 of Gretton et al.) for each row of 0/1 labels: (b, n) gives (b,). The diagonal must be 0."""
    n_second = kernel.shape[0] - n_first
    weights = labels @ kernel
    within_first = (weights * labels).sum(axis=1)
    across = weights.sum(axis=1) - within_first
    within_second = kernel.sum() - within_first - 2 * across
    return within_first / (n_first * (n_first - 1)) + within_second / (n_second * (n_second - 1)) - 2 * across / (n_first * n_second)


def _energy_distance(squared: Matrix, n_first: int) -> float:
    distances = np.sqrt(squared)
    across = distances[:n_first, n_first:].mean()
    return float(max(2 * across - distances[:n_first, :n_first].mean() - distances[n_first:, n_first:].mean(), 0.0))


def _classifier_auc(first: Matrix, second: Matrix, seed: int) -> float:
    """Mean ROC AUC over five folds of a logistic regression that guesses which sample a row is from."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.concatenate([first, second])
    if not np.ptp(rows, axis=0).any():
        return 0.5
    labels = np.repeat([0, 1], [len(first), len(second)])
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", solver="newton-cholesky"))
    folds = StratifiedKFold(n_splits=_FOLDS, shuffle=True, random_state=seed)
    return float(cross_val_score(classifier, rows, labels, cv=folds, scoring="roc_auc").mean())
