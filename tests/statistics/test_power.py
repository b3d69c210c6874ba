"""Sample sizes: published ones, and that they do in simulation what they say."""

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from genaiops_assets.statistics import minimum_detectable, sample_to_detect, spread_of_end


def test_the_sample_of_miller_2024():
    """Miller 2024, "Adding error bars to evals", section 5: a difference of 0.03, variance of differences 1/9, 80 %
    power at 5 %: 969 questions."""
    assert sample_to_detect(0.03, 1 / 3) == 969


def test_half_a_standard_deviation_takes_32_items():
    """Cohen 1988: d = 0.5, two-sided 5 %, power 0.8 (normal approximation; 34 with Student's t)."""
    assert sample_to_detect(0.5, 1.0) == 32
    assert minimum_detectable(1.0, 32) == pytest.approx(0.4953, abs=1e-4)
    theirs = NormalIndPower(ddof=0).solve_power(nobs1=32, alpha=0.05, power=0.8, ratio=0)
    assert minimum_detectable(1.0, 32) == pytest.approx(theirs, abs=1e-4)


def test_difference_and_sample_are_each_others_inverse():
    assert minimum_detectable(0.35, sample_to_detect(0.05, 0.35)) == pytest.approx(0.05, rel=0.01)
    assert spread_of_end(1.959964 * 0.35 / 42**0.5, 42) == pytest.approx(0.35, rel=1e-6)


def test_four_cases_of_five_show_the_difference():
    n, sd = 200, 0.35
    draws = np.random.default_rng(1).normal(minimum_detectable(sd, n), sd, (20_000, n))
    shown = (draws.mean(axis=1) - 1.96 * sd / n**0.5 > 0).mean()
    assert shown == pytest.approx(0.8, abs=0.015)


@pytest.mark.parametrize("wrong", [(0.0, 0.3), (-0.1, 0.3), (0.1, -1)])
def test_what_cannot_be_planned_is_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        sample_to_detect(*wrong)
