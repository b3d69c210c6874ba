"""How far two samples of questions are apart, by several measures that each see another kind of change.

Belongs here: statistics as functions of 0/1 labels over one pooled sample, and the clusters some of them count in.
Does not: shuffling the labels (permutation), or what a difference means (detect). Every function treats the rows alike
whatever their label: that is what makes the permutation test exact."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.drift.topics import terms_of
from genaiops_assets.statistics import Matrix, Statistic

FEW, MANY = 5, 10  # neighbours looked at
FAR = 0.9
MOST_CLUSTERS = 24
PROJECTION = 128
RBF_FEATURES, MEDIAN_OF = 512, 400
_ITERATIONS = 20


def mean_distance(features: Any) -> Statistic:
    """Squared distance of the two means of features (n, f), dense or sparse: the squared maximum mean discrepancy
    under their inner product (eq. 5 of Gretton et al. 2012)."""
    total = np.asarray(features.sum(axis=0), dtype=np.float64).ravel()

    def statistic(labels: Matrix) -> Matrix:
        n = labels[0].sum()
        first = np.asarray(labels @ features)
        apart = first / n - (total - first) / (labels.shape[1] - n)
        return np.einsum("bf,bf->b", apart, apart)

    return statistic


def centroids(rows: Matrix) -> Statistic:
    """Cosine distance between the two means of rows (n, d): 0 to 2."""
    total = rows.sum(axis=0)

    def statistic(labels: Matrix) -> Matrix:
        first = labels @ rows
        second = total - first
        lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
        return 1 - np.einsum("bd,bd->b", first, second) / np.where(lengths == 0, np.inf, lengths)

    return statistic


def cluster_counts(clusters: NDArray[np.int64]) -> Statistic:
    """The likelihood-ratio statistic G of the table cluster by label (Sokal and Rohlf, Biometry)."""
    members = np.eye(int(clusters.max()) + 1)[clusters]
    sizes = members.sum(axis=0)

    def statistic(labels: Matrix) -> Matrix:
        share = labels[0].sum() / labels.shape[1]
        first = labels @ members
        return 2 * (_surprise(first, share * sizes) + _surprise(sizes - first, (1 - share) * sizes))

    return statistic


def _surprise(counts: Matrix, expected: Matrix) -> Matrix:
    return (counts * np.log(np.maximum(counts, 1e-300) / np.maximum(expected, 1e-300))).sum(axis=1)


def nearest_rows(squared: Matrix, k: int) -> NDArray[np.int64]:
    """The k nearest other rows of each, in no order, from squared distances (n, n): (n, k)."""
    apart = squared.copy()
    np.fill_diagonal(apart, np.inf)
    k = min(k, len(squared) - 1)
    return np.argpartition(apart, k - 1, axis=1)[:, :k]


def like_neighbours(nearest: NDArray[np.int64]) -> Statistic:
    """How many neighbours of all rows carry the row's own label (Schilling 1986, Henze 1988): sees small new topics
    far apart."""
    around = _neighbourhood(nearest)

    def statistic(labels: Matrix) -> Matrix:
        ones, zeros = _like(around, labels)
        return ones + zeros

    return statistic


def like_neighbours_weighted(nearest: NDArray[np.int64]) -> Statistic:
    """The same, but the smaller sample weighs as much as the larger (Chen, Chen and Su 2018, A Weighted Edge-Count
    Two-Sample Test): sees topics with many new questions."""
    around = _neighbourhood(nearest)

    def statistic(labels: Matrix) -> Matrix:
        ones, zeros = _like(around, labels)
        share = labels[0].sum() / labels.shape[1]
        return (1 - share) * ones + share * zeros

    return statistic


def isolation(squared: Matrix, nearest: NDArray[np.int64]) -> Matrix:
    """How far each row is from its neighbours on average, (n,): large for questions on nothing in particular, unlike
    all others."""
    return np.sqrt(np.take_along_axis(squared, nearest, axis=1)).mean(axis=1)


def isolated_share(isolated: Matrix) -> Statistic:
    """How many more of the rows labelled 1 than of the others are among the tenth that is furthest from its
    neighbours, -1 to 1: sees scattered questions off every topic, which have no neighbours of their own."""
    is_far = (isolated > np.quantile(isolated, FAR)).astype(np.float64)

    def statistic(labels: Matrix) -> Matrix:
        n, far = labels[0].sum(), labels @ is_far
        return far / n - (is_far.sum() - far) / (labels.shape[1] - n)

    return statistic


def _neighbourhood(nearest: NDArray[np.int64]) -> Any:
    from scipy.sparse import csr_matrix

    n, k = nearest.shape
    return csr_matrix((np.ones(n * k), nearest.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))


def _like(around: Any, labels: Matrix) -> tuple[Matrix, Matrix]:
    """For each labelling, the pairs of neighbours both labelled 1 and both labelled 0."""
    labelled = (around @ labels.T).T
    ones = np.einsum("bn,bn->b", labelled, labels)
    mixed_and_ones = labelled.sum(axis=1)
    pairs_from_zeros = around.nnz / around.shape[0] * (labels.shape[1] - labels[0].sum())
    return ones, pairs_from_zeros - mixed_and_ones + ones


def new_share(nearest: NDArray[np.int64], labels: Matrix) -> float:
    """How many of the rows labelled 1 would have to be on wholly new topics to have as many like neighbours as they
    have: at most 1, about 0 where the labels say nothing (then it may be below 0).

    If a share s of them only has neighbours of its own and the rest lies where the others lie, the mean share g of
    unlike neighbours is q / (1 + a q) with q = 1 - s and a the size of the sample relative to the others. Topics that
    only grew count in part, and so do topics with fewer questions than neighbours: a lower estimate."""
    current = labels == 1
    unlike = float(1 - labels[nearest[current]].mean())
    relative = (current.sum() - 1) / (~current).sum()
    return float(1 - unlike / (1 - relative * unlike)) if relative * unlike < 1 else -1.0


def squared_distances(rows: Matrix) -> Matrix:
    """Between all rows: (n, d) gives (n, n). Centring first keeps the subtraction accurate far from the origin."""
    centred = rows - rows.mean(axis=0)
    lengths = (centred**2).sum(axis=1)
    squared = np.maximum(lengths[:, None] + lengths[None, :] - 2 * centred @ centred.T, 0)
    np.fill_diagonal(squared, 0)
    return squared


def rbf_features(rows: Matrix, random: np.random.Generator) -> Matrix:
    """Features (n, 512) whose inner products are about exp(-distance^2 / (2 median^2)) of the rows (n, d): as many
    permutations as a small level needs cost a tenth of what the kernel itself does. Where most rows are equal and the
    median is 0, the mean takes its place. Sources: Rahimi and Recht 2007, Random Features for Large-Scale Kernel
    Machines; Gretton et al. 2012 (median)."""
    some = rows[:: -(-len(rows) // MEDIAN_OF)]
    apart = squared_distances(some)[np.triu_indices(len(some), k=1)]
    width = float(np.median(apart)) or float(apart.mean()) or 1.0
    angles = rows @ random.normal(scale=width**-0.5, size=(rows.shape[1], RBF_FEATURES // 2))
    return np.hstack([np.cos(angles), np.sin(angles)]) * (RBF_FEATURES // 2) ** -0.5


def term_vectors(texts: Sequence[str]) -> Any:
    """Unit tf-idf vectors of the texts as a sparse matrix (n, terms): they see what an embedding model cannot read, as
    Chinese with an English one. A term of one text only counts for nothing; a text without others has a zero
    vector."""
    from scipy.sparse import csr_matrix, diags

    held = [sorted(terms_of(text)) for text in texts]
    seen = Counter(term for terms in held for term in terms)
    column = {term: i for i, term in enumerate(sorted(term for term, count in seen.items() if count > 1))}
    kept = [[term for term in terms if term in column] for terms in held]
    weights = np.array([np.log(len(texts) / seen[term]) for terms in kept for term in terms], dtype=np.float64)
    places = np.array([column[term] for terms in kept for term in terms], dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum([len(terms) for terms in kept])])
    matrix = csr_matrix((weights, places, ends), shape=(len(texts), max(len(column), 1)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return diags(1 / np.where(lengths == 0, 1.0, lengths)) @ matrix


def projected(vectors: Any, random: np.random.Generator, width: int = PROJECTION) -> Matrix:
    """Sparse rows (n, d) in few dimensions (n, width), distances about kept (Johnson and Lindenstrauss 1984)."""
    return np.asarray(vectors @ random.normal(scale=width**-0.5, size=(vectors.shape[1], width)))


def k_means(rows: Matrix, k: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The cluster of each row: k-means++ seeding and Lloyd's steps (Arthur and Vassilvitskii 2007). No cluster is
    empty at the start; numbers are those of the clusters that have members, from 0."""
    centres = _spread(rows, min(k, len(rows)), random)
    clusters = _nearest(rows, centres)
    for _ in range(_ITERATIONS):
        members = np.eye(len(centres))[clusters]
        sizes = members.sum(axis=0)
        held = sizes > 0
        centres[held] = (members.T @ rows)[held] / sizes[held, None]
        moved = _nearest(rows, centres)
        if (moved == clusters).all():
            break
        clusters = moved
    return np.unique(clusters, return_inverse=True)[1].astype(np.int64)


def _spread(rows: Matrix, k: int, random: np.random.Generator) -> Matrix:
    chosen = [int(random.integers(len(rows)))]
    apart = ((rows - rows[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k and apart.max() > 1e-12:
        place = np.searchsorted(np.cumsum(apart), random.random() * apart.sum())
        chosen.append(min(int(place), len(rows) - 1))
        apart = np.minimum(apart, ((rows - rows[chosen[-1]]) ** 2).sum(axis=1))
    return rows[chosen].copy()


def _nearest(rows: Matrix, centres: Matrix) -> NDArray[np.int64]:
    return ((centres**2).sum(axis=1) - 2 * rows @ centres.T).argmin(axis=1).astype(np.int64)


def cluster_count(rows: int) -> int:
    """Clusters for so many rows: the square root of half of them (Mardia et al. 1979), 2 to 24."""
    return int(np.clip(round(np.sqrt(rows / 2)), 2, MOST_CLUSTERS))
