"""Shares with intervals, against the published table of Newcombe 1998."""

import pytest

from genaiops_assets.statistics import clopper_pearson, wilson


@pytest.mark.parametrize(
    ("hits", "n", "by_score", "exact"),
    [  # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I: methods 3 and 5
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_both_intervals_are_those_of_newcombe(hits, n, by_score, exact):
    found = wilson(hits, n)
    assert (found["low"], found["high"]) == pytest.approx(by_score, abs=5e-5)
    assert clopper_pearson(hits, n) == pytest.approx(exact, abs=5e-5)


@pytest.mark.parametrize("n", [1, 7, 100, 999])
def test_nothing_found_bounds_at_exactly_zero_and_everything_at_one(n):
    assert wilson(0, n)["low"] == clopper_pearson(0, n)[0] == 0.0
    assert wilson(n, n)["high"] == clopper_pearson(n, n)[1] == 1.0
