"""Each statistic is what its paper says, computed the slow way."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from genaiops_assets.drift import statistics

RANDOM = np.random.default_rng(5)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.normal(size=(25, 3)) + 0.5
ROWS = np.concatenate([X, Y])
LABELS = np.repeat([0.0, 1.0], [20, 25])[None, :]
SQUARED = statistics.squared_distances(ROWS)


def test_mean_distance_is_the_mmd_of_its_inner_product() -> None:
    kernel = ROWS @ ROWS.T
    expected = kernel[:20, :20].mean() + kernel[20:, 20:].mean() - 2 * kernel[:20, 20:].mean()
    assert statistics.mean_distance(ROWS)(LABELS)[0] == pytest.approx(expected)
    assert statistics.mean_distance(csr_matrix(ROWS))(LABELS)[0] == pytest.approx(expected)


def test_rbf_features_multiply_to_the_kernel() -> None:
    distances = np.linalg.norm(ROWS[:, None] - ROWS[None, :], axis=2)
    kernel = np.exp(-(distances**2) / (2 * np.median(distances[np.triu_indices(45, 1)]) ** 2))
    features = statistics.rbf_features(ROWS, np.random.default_rng(0))
    assert np.abs(features @ features.T - kernel).mean() < 0.06
    assert np.isfinite(statistics.rbf_features(np.ones((30, 2)), np.random.default_rng(0))).all()


def test_centroids_are_compared_by_angle() -> None:
    first, second = X.mean(axis=0), Y.mean(axis=0)
    expected = 1 - first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert statistics.centroids(ROWS)(LABELS)[0] == pytest.approx(expected)
    assert statistics.centroids(np.zeros((45, 3)))(LABELS)[0] == 1.0


def test_cluster_counts_give_the_g_statistic() -> None:
    from scipy.stats import chi2_contingency

    clusters = np.arange(45) % 3 * (np.arange(45) > 10)
    table = np.array([[((clusters == c) & (LABELS[0] == side)).sum() for c in range(3)] for side in (0, 1)])
    expected = chi2_contingency(table, lambda_="log-likelihood").statistic
    assert statistics.cluster_counts(clusters)(LABELS)[0] == pytest.approx(expected)


def test_like_neighbours_are_counted() -> None:
    near = statistics.nearest_rows(SQUARED, 4)
    ones = sum(int(LABELS[0, j]) for i in range(20, 45) for j in near[i])
    zeros = sum(int(1 - LABELS[0, j]) for i in range(20) for j in near[i])
    assert statistics.like_neighbours(near)(LABELS)[0] == ones + zeros
    assert statistics.like_neighbours_weighted(near)(LABELS)[0] == pytest.approx(20 / 45 * ones + 25 / 45 * zeros)
    assert all(i not in near[i] for i in range(45)) and near.shape == (45, 4)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 1.0])
def test_the_new_share_is_found_again(share: float) -> None:
    random = np.random.default_rng(int(10 * share))
    new = int(200 * share)
    rows = np.concatenate(
        [random.normal(size=(400, 2)), random.normal(size=(200 - new, 2)), 50 + random.normal(size=(new, 2))]
    )
    near = statistics.nearest_rows(statistics.squared_distances(rows), 5)
    assert statistics.new_share(near, np.repeat([0.0, 1.0], [400, 200])) == pytest.approx(share, abs=0.07)


def test_scattered_rows_are_isolated() -> None:
    random = np.random.default_rng(8)
    rows = np.concatenate(
        [random.normal(size=(400, 3)), random.normal(size=(80, 3)), random.normal(scale=30, size=(20, 3))]
    )
    labels = np.repeat([0.0, 1.0], [400, 100])
    squared = statistics.squared_distances(rows)
    isolated = statistics.isolation(squared, statistics.nearest_rows(squared, 4))
    by_hand = [np.sort(np.linalg.norm(rows - row, axis=1))[1:5].mean() for row in rows]
    assert np.allclose(isolated, by_hand)
    far = isolated > np.quantile(isolated, 0.9)
    share = statistics.isolated_share(isolated)(labels[None, :])[0]
    assert share == pytest.approx(far[400:].mean() - far[:400].mean()) == pytest.approx(0.2, abs=0.05)


def test_terms_are_weighed_by_how_rare_they_are() -> None:
    vectors = statistics.term_vectors(["card fee", "card fee", "card limit", "狗狗保险", "狗狗保险", "alone"])
    kernel = (vectors @ vectors.T).toarray()
    assert kernel[0, 1] == pytest.approx(1) and 0 < kernel[0, 2] < 1 and kernel[3, 4] == pytest.approx(1)
    assert kernel[0, 3] == 0 and not kernel[5].any() and np.allclose(np.diag(kernel)[:5], 1)


def test_projection_keeps_similarity_about() -> None:
    vectors = statistics.term_vectors([f"card fee {word}" for word in ["aa", "bb", "cc", "aa", "bb", "cc"]])
    flat = statistics.projected(vectors, np.random.default_rng(0), 4000)
    assert np.allclose(flat @ flat.T, (vectors @ vectors.T).toarray(), atol=0.1)


def test_k_means_finds_separate_groups_and_leaves_no_cluster_empty() -> None:
    groups = np.repeat(np.eye(4) * 10, 10, axis=0) + np.random.default_rng(2).normal(scale=0.1, size=(40, 4))
    clusters = statistics.k_means(groups, 4, np.random.default_rng(0))
    assert [len(set(clusters[10 * g : 10 * g + 10])) for g in range(4)] == [1, 1, 1, 1] and set(clusters) == {
        0,
        1,
        2,
        3,
    }
    assert set(statistics.k_means(np.ones((9, 2)), 4, np.random.default_rng(0))) == {0}
    assert set(statistics.k_means(np.arange(3.0)[:, None], 8, np.random.default_rng(0))) == {0, 1, 2}


def test_clusters_grow_with_the_rows() -> None:
    assert [statistics.cluster_count(n) for n in (2, 40, 200, 5000)] == [2, 4, 10, 24]
