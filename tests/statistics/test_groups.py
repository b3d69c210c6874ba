"""Items in groups, items in several runs, and few labels beside many predictions."""

import numpy as np
import pytest

from genaiops_assets.statistics import cluster_interval, mean_interval, prediction_powered_mean, repeat_variance


def grouped(rng, groups, size, mean=0.6):
    """0/1 items whose groups differ: a group's own share is Beta distributed, intraclass correlation 1/3."""
    shares = rng.beta(2 * mean, 2 * (1 - mean), groups)
    return (rng.random((groups, size)) < shares[:, None]).astype(float).ravel(), list(
        np.repeat(np.arange(groups), size)
    )


@pytest.mark.parametrize("bounds", [None, (0.0, 1.0)])
def test_groups_are_covered_where_items_alone_are_not(bounds):
    rng, by_group, by_item, runs = np.random.default_rng(5), 0, 0, 200
    for _ in range(runs):
        values, labels = grouped(rng, 40, 10)
        found = cluster_interval(values, labels, bounds=bounds, resamples=800)
        alone = mean_interval(values, bounds=bounds, resamples=800)
        by_group += found.low <= 0.6 <= found.high
        by_item += alone.low <= 0.6 <= alone.high
    assert by_group / runs >= 0.91  # 40 groups; the plain bootstrap is a little narrow
    assert by_item / runs < 0.8


def test_a_bootstrap_over_groups_has_the_error_of_the_cluster_robust_formula():
    """Miller 2024, section 2.2 (Liang and Zeger 1986): sums of deviations within groups, squared."""
    values, labels = grouped(np.random.default_rng(2), 200, 6)
    deviations = np.bincount(labels, weights=values - values.mean())
    error = np.sqrt((deviations**2).sum()) / values.size
    found = cluster_interval(values, labels, resamples=20_000)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.03)


def test_asking_every_question_twice_makes_nothing_surer():
    values = [0.1 * (i % 9) for i in range(30)]
    once = mean_interval(values, bounds=(0, 1))
    twice = cluster_interval(np.repeat(values, 2), list(np.repeat(np.arange(30), 2)), bounds=(0, 1))
    assert (twice.low, twice.high) == (pytest.approx(once.low), pytest.approx(once.high))
    assert cluster_interval(values, range(30), bounds=(0, 1)) == once


def test_one_group_shows_no_spread_and_equal_groups_keep_a_width():
    assert cluster_interval([0.2, 0.4, 0.9], "aaa").low is None
    equal = cluster_interval([1.0] * 8, "aabbccdd", bounds=(0, 1))
    assert equal.high == 1.0 and equal.low < 0.5
    with pytest.raises(ValueError, match="group"):
        cluster_interval([0.2, 0.4], "a")


def test_agreement_of_shrout_and_fleiss():
    """Shrout and Fleiss 1979, table 2: six targets, four judges; between mean square 11.24, within 6.26, ICC(1,1)
    0.17."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = repeat_variance(ratings)
    assert round(found.within_items, 2) == 6.26
    assert round(4 * found.between_items + found.within_items, 2) == 11.24
    assert round(found.agreement, 2) == 0.17
    assert found.error_of_mean == pytest.approx(np.std(np.mean(ratings, axis=1), ddof=1) / 6**0.5)


def test_runs_that_always_agree_add_no_error():
    found = repeat_variance([[0.2, 0.2], [0.7, 0.7]])
    assert (found.within_items, found.error_of_runs, found.agreement) == (0.0, 0.0, 1.0)
    assert repeat_variance([[0.5, 0.5], [0.5, 0.5]]).agreement is None
    with pytest.raises(ValueError, match="two runs"):
        repeat_variance([[0.5], [0.4]])


@pytest.mark.parametrize("bias", [0.0, 0.3])
def test_predictions_narrow_the_interval_and_never_bias_it(bias):
    rng, covered, widths, runs = np.random.default_rng(9), 0, [], 400
    for _ in range(runs):
        truth = rng.normal(0.5, 0.2, 60)
        others = rng.normal(0.5, 0.2, 2000)
        judge = truth + bias + rng.normal(0, 0.07, 60)
        judge_of_others = others + bias + rng.normal(0, 0.07, 2000)
        found = prediction_powered_mean(truth, judge, judge_of_others)
        covered += found.low <= 0.5 <= found.high
        widths.append((found.high - found.low) / (2 * 1.96 * truth.std(ddof=1) / 60**0.5))
    assert covered / runs >= 0.92
    assert np.mean(widths) < 0.45


def test_useless_predictions_cost_nothing_and_the_formula_is_that_of_the_paper():
    rng = np.random.default_rng(3)
    truth, others = rng.normal(0.5, 0.2, 80), np.zeros(500)
    found = prediction_powered_mean(truth, np.zeros(80), others)
    assert found.mean == pytest.approx(truth.mean())
    assert found.high - found.mean == pytest.approx(1.959964 * truth.std(ddof=1) / 80**0.5)
    exact = prediction_powered_mean(truth, truth, np.tile(truth, 100_00))  # labels known beforehand: weight about 1
    assert exact.high - exact.low < 0.01
    with pytest.raises(ValueError, match="fit"):
        prediction_powered_mean([1, 0], [1], [1, 0])
