"""Stopping early: the capital by hand, the false-pass rate however often one looks, and what it saves."""

import numpy as np
import pytest

from genaiops_assets.statistics import SequentialTest, anytime_interval, confidence_sequence, stops_at, wilson
from genaiops_assets.statistics.sequential import STAKES, log_capital


def test_the_capital_is_the_mean_product_of_bets():
    test = SequentialTest(0.3, (0.0, 1.0), alpha=1e-6)
    values = [1.0, 0.0, 0.5]
    test.look(values)
    by_hand = np.mean([np.prod([1 + s * (v - 0.3) / 0.3 for v in values]) for s in STAKES])
    assert np.exp(log_capital(test._above)) == pytest.approx(by_hand)
    assert test.seen == 3


def test_looking_after_every_item_passes_no_more_often_than_promised():
    """At the threshold, 400 items: the betting test keeps its 2.5 %; an interval for one look, looked at each time,
    does not."""
    rng, runs = np.random.default_rng(4), 400
    draws = (rng.random((runs, 400)) < 0.8).astype(float)
    passed = sum(stops_at(row, 0.8, (0.0, 1.0))[0] == "above" for row in draws)
    peeked = sum(any(wilson(int(row[:n].sum()), n)["low"] > 0.8 for n in range(20, 401, 10)) for row in draws)
    assert passed / runs <= 0.025 + 2 * (0.025 / runs) ** 0.5
    assert peeked / runs > 0.05


def test_a_clear_case_stops_early_on_either_side():
    rng = np.random.default_rng(6)
    good, bad = (rng.random(1000) < 0.9).astype(float), (rng.random(1000) < 0.3).astype(float)
    outcome, used = stops_at(good, 0.7, (0.0, 1.0))
    assert outcome == "above" and used < 100
    outcome, used = stops_at(bad, 0.7, (0.0, 1.0))
    assert outcome == "below" and used < 50


def test_taking_items_one_by_one_or_at_once_is_the_same_and_a_decision_stays():
    values = (np.random.default_rng(8).random(300) < 0.85).astype(float)
    one = SequentialTest(0.7, (0.0, 1.0))
    for value in values:
        one.look(value)
    assert (one.outcome, one.seen) == stops_at(values, 0.7, (0.0, 1.0))
    assert one.look(np.zeros(500)) == "above"


def test_paired_differences_with_many_zeros():
    rng = np.random.default_rng(11)
    draws = rng.choice([0.0, 0.2, -0.6], size=(300, 300), p=[0.8, 0.15, 0.05])
    passed = sum(stops_at(row, 0.0, (-1.0, 1.0))[0] == "above" for row in draws)
    assert passed / 300 <= 0.04


def test_a_confidence_sequence_never_widens_and_holds_all_the_time():
    rng, missed = np.random.default_rng(12), 0
    for _ in range(60):
        found = np.array(confidence_sequence(rng.beta(2, 3, 200), (0.0, 1.0), steps=100))
        assert (np.diff(found[:, 0]) >= 0).all() and (np.diff(found[:, 1]) <= 0).all()
        missed += not ((found[:, 0] <= 0.4) & (found[:, 1] >= 0.4)).all()
    assert missed <= 6 and found[-1, 1] - found[-1, 0] < 0.3


def test_what_cannot_be_bet_on_is_refused():
    with pytest.raises(ValueError, match="threshold"):
        SequentialTest(1.0, (0.0, 1.0))
    with pytest.raises(ValueError, match="lie within"):
        SequentialTest(0.5, (0.0, 1.0)).look([1.5])


def test_an_interval_for_any_stop_is_that_of_the_capital_and_holds_the_mean():
    """Its ends are where a test of that mean would have been refuted at the stop."""
    rng = np.random.default_rng(3)
    for share in (0.0, 0.05, 0.5, 1.0):
        values = (rng.random(80) < share).astype(float)
        found = anytime_interval(values, (0.0, 1.0))
        assert found.low <= found.mean <= found.high and found.n == 80
        for end, side in ((found.low - 0.0025, "_above"), (found.high + 0.0025, "_below")):
            if 0 < end < 1:
                test = SequentialTest(end, (0.0, 1.0), alpha=1e-300)
                test.look(values)
                assert log_capital(getattr(test, side)) >= np.log(40)
    assert anytime_interval([1.0], (0.0, 1.0)).low is None
    with pytest.raises(ValueError, match="lie within"):
        anytime_interval([0.5, 2.0], (0.0, 1.0))


@pytest.mark.parametrize(("share", "limit"), [(0.8, 0.8), (0.5, 0.5), (0.95, 0.95)])
def test_stopping_when_it_looks_good_passes_no_more_often_than_promised(share: float, limit: float) -> None:
    """The truth lies on the limit; looks every 16 of 160 items, stopped at the first that passes: at most 2.5 %. An
    interval for one sample size, looked at as often, passes far more often."""
    rng, runs, wrong, peeked = np.random.default_rng(17), 300, 0, 0
    for _ in range(runs):
        draws = (rng.random(160) < share).astype(float)
        looks = range(16, 161, 16)
        wrong += any((anytime_interval(draws[:n], (0.0, 1.0), steps=200).low or 0) > limit for n in looks)
        peeked += any(wilson(int(draws[:n].sum()), n)["low"] > limit for n in looks)
    assert wrong / runs <= 0.025 + 2 * (0.025 * 0.975 / runs) ** 0.5
    assert peeked > 2 * wrong and peeked / runs > 0.04
