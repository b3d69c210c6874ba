"""Exact tests on pairs: published cases, scipy's binomial test, and what pairing is worth."""

import math

import pytest
from scipy import stats
from statsmodels.stats import contingency_tables

from genaiops_assets.statistics import mcnemar, more_lost_than_chance, paired_interval


def unpaired_p(hits_one, hits_other, n):
    """The z test of lm-evaluation-harness's model_comparator.py: standard errors with n - 1, pairs ignored."""
    one, other = hits_one / n, hits_other / n
    error = math.sqrt((one * (1 - one) + other * (1 - other)) / (n - 1))
    return 2 * float(stats.norm.sf(abs(one - other) / error))


@pytest.mark.parametrize(("won", "lost", "both"), [(8, 0, 205), (27, 10, 133), (30, 12, 110)])
def test_the_case_of_the_evaluation_harness_is_significant_only_in_pairs(won, lost, both):
    """EleutherAI/lm-evaluation-harness#3831 and PR#3868 give n = 220, p = 0.080 unpaired and 0.008 paired, without
    counts. Among all tables of 220 pairs with up to 80 discordant only these three, and their mirror images, do."""
    assert round(mcnemar(won, lost), 3) == 0.008
    assert round(unpaired_p(both + won, both + lost, 220), 3) == 0.080


def test_mcnemar_gives_the_exact_value_of_fagerland_and_others():
    """Fagerland, Lydersen and Laake 2013, example 1: 1 and 7 discordant of 21."""
    assert mcnemar(1, 7) == pytest.approx(0.0703, abs=5e-5)


@pytest.mark.parametrize(("won", "lost"), [(0, 1), (3, 9), (40, 61), (700, 640), (1500, 1400), (0, 5000)])
def test_mcnemar_is_the_binomial_test_of_scipy(won, lost):
    assert mcnemar(won, lost) == pytest.approx(stats.binomtest(won, won + lost).pvalue, rel=1e-9)
    one_sided = stats.binomtest(lost, won + lost, alternative="greater").pvalue
    assert more_lost_than_chance(lost, won) == pytest.approx(one_sided, rel=1e-9)


@pytest.mark.parametrize(("won", "lost"), [(27, 10), (3, 12), (60, 60)])
def test_mcnemar_is_the_exact_one_of_statsmodels(won, lost):
    theirs = contingency_tables.mcnemar([[50, won], [lost, 30]], exact=True)
    assert mcnemar(won, lost) == pytest.approx(theirs.pvalue)


def test_models_that_never_disagree_are_not_called_different():
    assert mcnemar(0, 0) == more_lost_than_chance(0, 0) == 1.0


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="negative"):
        mcnemar(-1, 3)


def test_the_paired_bootstrap_is_that_of_scipy():
    values = [(0.1 * (i % 7), 0.1 * (i % 5)) for i in range(60)]
    after, before = map(list, zip(*values, strict=True))
    found = paired_interval(after, before, resamples=20_000)
    differences = [a - b for a, b in values]
    theirs = stats.bootstrap((differences,), lambda x, axis: x.mean(axis=axis), n_resamples=20_000, rng=1)
    assert found.method == "bootstrap_bca"
    assert found.low == pytest.approx(theirs.confidence_interval.low, abs=0.004)
    assert found.high == pytest.approx(theirs.confidence_interval.high, abs=0.004)


@pytest.mark.parametrize(("won", "lost", "even"), [(9, 2, 31), (12, 5, 25), (7, 1, 34), (9, 3, 188)])
def test_the_bounded_interval_decides_on_zero_as_the_one_sided_exact_test_however_many_pairs_are_even(won, lost, even):
    """An even pair adds nothing to the weighted sum, so zeros cost nothing at zero: the interval of the changed pairs
    alone decides alike, and that is Clopper and Pearson's."""
    p = more_lost_than_chance(won, lost)
    for confidence in (0.8, 0.9, 0.95, 0.99):
        tail = (1 - confidence) / 2
        if 0.8 < p / tail < 1.25:
            continue  # too close for 5,000 draws
        after, before = [1.0] * won + [0.0] * (lost + even), [0.0] * won + [1.0] * lost + [0.0] * even
        found = paired_interval(after, before, bounds=(0.0, 1.0), confidence=confidence)
        assert found.low is not None and (found.low > 0) == (p < tail)
