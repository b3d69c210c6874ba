"""Missing items: the critical value against its equation, and coverage whatever the missing would have been."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from genaiops_assets.statistics import bounded_by_missing, imbens_manski_critical, mean_interval


def test_the_critical_value_goes_from_two_sided_to_one_sided():
    """Imbens and Manski 2004: 1.96 where the mean is identified, 1.645 where the gap is wide."""
    assert imbens_manski_critical(0.0, 0.1) == pytest.approx(1.960, abs=1e-3)
    assert imbens_manski_critical(1.0, 0.1) == pytest.approx(1.645, abs=1e-3)
    assert imbens_manski_critical(0.2, 0.0) == pytest.approx(1.645, abs=1e-3)


@pytest.mark.parametrize("gap", [0.01, 0.05, 0.1, 0.3])
def test_the_critical_value_solves_its_equation(gap):
    theirs = brentq(lambda c: stats.norm.cdf(c + gap / 0.07) - stats.norm.cdf(-c) - 0.9, 0.5, 3)
    assert imbens_manski_critical(gap, 0.07, 0.9) == pytest.approx(theirs, abs=1e-9)


def test_without_missing_items_it_is_the_usual_interval():
    values = [0.1 * (i % 8) for i in range(40)]
    found, usual = bounded_by_missing(values, 0, bounds=(0, 1)), mean_interval(values, bounds=(0, 1))
    assert (found.low, found.high) == (usual.low, usual.high)
    assert found.least == found.greatest == pytest.approx(usual.mean)


def test_ends_cover_all_that_the_missing_could_have_been():
    values = [1.0] * 30 + [0.0] * 10
    found = bounded_by_missing(values, 10, bounds=(0, 1))
    assert (found.answered, found.missing) == (40, 10)
    assert (found.least, found.greatest) == (pytest.approx(0.6), pytest.approx(0.8))
    assert found.low < found.low_of_mean < found.least < found.greatest < found.high_of_mean < found.high


@pytest.mark.parametrize("missing", [0.05, 0.2])
@pytest.mark.parametrize("n", [40, 200])
def test_the_mean_is_covered_when_missing_items_are_the_worst(n, missing):
    """Items are lost by what they score: the failures first. Leaving them out misses the truth nearly always."""
    rng, covered, left_out, runs = np.random.default_rng(n), 0, 0, 200
    for _ in range(runs):
        truth = (rng.random(n) < 0.7).astype(float)
        lost = rng.random(n) < np.where(truth == 0, missing / 0.3, 0)
        found = bounded_by_missing(truth[~lost], int(lost.sum()), bounds=(0, 1), resamples=400)
        covered += found.low_of_mean <= 0.7 <= found.high_of_mean
        left_out += mean_interval(truth[~lost], bounds=(0, 1)).low > 0.7
    assert covered / runs >= 0.93
    assert n < 200 or missing < 0.2 or left_out / runs > 0.5


def test_when_nothing_was_answered_everything_is_possible():
    found = bounded_by_missing([], 12, bounds=(0, 1))
    assert (found.least, found.greatest, found.low, found.high) == (0.0, 1.0, 0.0, 1.0)
    assert bounded_by_missing([0.4], 0, bounds=(0, 1)) is None
    with pytest.raises(ValueError, match="missing"):
        bounded_by_missing([0.4, 0.5], -1, bounds=(0, 1))
