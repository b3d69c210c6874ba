"""Area under the ROC curve and recall at few false positives: by hand, against other implementations, and how often
their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm
from sklearn.metrics import roc_auc_score

from genaiops_assets.statistics import auc_interval, recall_at


def test_the_area_is_the_share_of_pairs_in_the_right_order_with_ties_half() -> None:
    found = auc_interval([0.9, 0.5], [0.5, 0.1])
    assert found.mean == (1 + 1 + 0.5 + 1) / 4 and found.n == 4


def test_the_area_is_that_of_scikit_learn_and_of_the_rank_test() -> None:
    draws = np.random.default_rng(4)
    right, wrong = np.round(draws.normal(0.6, 1, 57), 1), np.round(draws.normal(0, 1, 83), 1)  # with ties
    found = auc_interval(right, wrong).mean
    assert found == pytest.approx(roc_auc_score([1] * 57 + [0] * 83, [*right, *wrong]))
    assert found == pytest.approx(mannwhitneyu(right, wrong).statistic / (57 * 83))


def test_delongs_variance_is_that_of_all_pairs() -> None:
    """Structural components as DeLong et al. write them, pair by pair."""
    draws = np.random.default_rng(5)
    right, wrong = draws.normal(1, 1, 40), draws.normal(0, 1, 60)
    pairs = (right[:, None] > wrong[None, :]) + 0.5 * (right[:, None] == wrong[None, :])
    variance = pairs.mean(axis=1).var(ddof=1) / 40 + pairs.mean(axis=0).var(ddof=1) / 60
    area, reach = pairs.mean(), 1.959964 * np.sqrt(variance)
    found = auc_interval(right, wrong)
    assert found.low is not None and found.high is not None
    assert found.low <= area - reach * 0.9 and found.high >= area + reach * 0.8  # on the logit scale, and the wider end
    assert found.high - found.low == pytest.approx(2 * reach, rel=0.15)


def test_no_mistake_at_all_keeps_a_width() -> None:
    few, many = auc_interval([1.0] * 5, [0.0] * 5), auc_interval([1.0] * 200, [0.0] * 200)
    assert few.mean == many.mean == 1.0 and few.high == many.high == 1.0
    assert few.low is not None and many.low is not None
    assert few.low < 0.75 and 0.97 < many.low < 1.0


@pytest.mark.parametrize(("shift", "n"), [(0.0, 15), (1.0, 12), (2.5, 30), (1.0, 150)])
def test_the_interval_holds_the_truth_as_often_as_it_says(shift: float, n: int) -> None:
    truth, draws = float(norm.cdf(shift / np.sqrt(2))), np.random.default_rng(6)
    held = 0
    for _ in range(1000):
        found = auc_interval(draws.normal(shift, 1, n), draws.normal(0, 1, n))
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert held >= 935  # 0.95 less two deviations of 1,000 draws


def test_one_kind_alone_has_no_area() -> None:
    assert auc_interval([1.0], []).mean is None and recall_at([], [0.1]).recall["mean"] is None


def test_recall_counts_what_few_negatives_reach() -> None:
    negatives = [0.0] * 98 + [0.7, 0.9]
    found = recall_at([0.95, 0.8, 0.7, 0.2], negatives, false_positive_rate=0.01)
    assert found.cut == 0.8 and found.recall["mean"] == 0.5 and found.false_positives["mean"] == 0.01
    assert recall_at([0.95, 0.8, 0.7, 0.2], negatives, false_positive_rate=0.02).recall["mean"] == 1.0


def test_a_score_that_negatives_share_catches_nothing() -> None:
    found = recall_at([1.0, 1.0], [1.0] * 5 + [0.0] * 5)
    assert found.cut is None and found.recall["mean"] == 0.0 and found.recall["n"] == 2


@pytest.mark.parametrize(("hits", "n", "low", "high"), [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617)])
def test_the_exact_interval_of_recall_is_the_published_one(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 5."""
    found = recall_at([1.0] * hits + [0.0] * (n - hits), [0.0] * 300).recall
    assert (round(found["low"], 4), round(found["high"], 4)) == (low, high)


def test_scores_must_be_numbers() -> None:
    with pytest.raises(ValueError, match="finite"):
        auc_interval([float("nan")], [0.0])
