"""Intervals: coverage, determinism, degenerate samples. Does not test what an interval decides (test_gates.py)."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.statistics import Interval, mean_interval, needed_sample, paired_interval

VALUES = st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=30)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_an_interval_holds_its_mean_and_is_json(values):
    found = mean_interval(values, resamples=200)
    assert found.n == len(values)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    if found.low is not None:
        assert found.low <= found.mean <= found.high
        assert min(values) - 1e-6 <= found.low and found.high <= max(values) + 1e-6


def test_the_same_arguments_give_the_same_interval():
    values = np.random.default_rng(1).random(40)
    assert mean_interval(values, seed=3) == mean_interval(list(values), seed=3)
    assert mean_interval(values, seed=3) != mean_interval(values, seed=4)


@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_coverage_is_near_the_stated_confidence(draw):
    rng = np.random.default_rng(5)
    truth = {"normal": 0.0, "exponential": 1.0}[draw]
    intervals = [mean_interval(getattr(rng, draw)(size=40), resamples=600, seed=i) for i in range(300)]
    covered = np.mean([found.low <= truth <= found.high for found in intervals])
    assert 0.89 <= covered <= 0.99


def test_it_agrees_with_the_normal_theory_on_many_items():
    values = np.random.default_rng(2).normal(0.5, 0.2, 2000)
    found = mean_interval(values, confidence=0.9)
    half = 1.645 * values.std() / np.sqrt(values.size)
    assert found.low == pytest.approx(values.mean() - half, abs=0.001)
    assert found.high == pytest.approx(values.mean() + half, abs=0.001)


def test_it_agrees_with_scipy():
    from scipy.stats import bootstrap

    values = np.random.default_rng(3).exponential(size=25)
    theirs = bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    ours = mean_interval(values, resamples=20_000)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


def test_higher_confidence_is_wider_and_more_items_are_narrower():
    values = np.random.default_rng(4).random(50)
    wide, narrow = mean_interval(values, confidence=0.99), mean_interval(values, confidence=0.9)
    assert wide.low < narrow.low < narrow.high < wide.high
    many = mean_interval(np.tile(values, 8))
    assert many.high - many.low < narrow.high - narrow.low


def test_samples_without_spread():
    assert mean_interval([]) == Interval(None, None, None, 0, 0.95, "none")
    assert mean_interval([0.3]) == Interval(0.3, None, None, 1, 0.95, "none")
    assert mean_interval([0.1] * 3) == Interval(0.1, 0.1, 0.1, 3, 0.95, "constant")


def test_pairs_cancel_what_they_share():
    rng = np.random.default_rng(6)
    hardness = rng.random(60)
    noise = rng.normal(0, 0.01, 60)
    paired = paired_interval(hardness + 0.05 + noise, hardness)
    assert 0.04 < paired.low < paired.high < 0.06
    assert paired_interval(hardness, hardness).mean == 0.0


def test_needed_sample_by_hand():
    assert needed_sample(0.5, 0.1, 0.95) == 97  # (1.96 * 0.5 / 0.1)^2 = 96.04
    assert needed_sample(0.0, 0.1, 0.95) == 2
    assert needed_sample(0.5, 0.1, 0.99) > needed_sample(0.5, 0.1, 0.9)


def test_memory_stays_bounded_for_many_items():
    values = np.random.default_rng(7).random(100_000)
    tracemalloc.start()
    mean_interval(values, resamples=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([0.1, float("nan")]), "finite"),
        (lambda: mean_interval([[0.1, 0.2]]), "one-dimensional"),
        (lambda: mean_interval([0.1, 0.2], confidence=95), "confidence"),
        (lambda: mean_interval([0.1, 0.2], resamples=0), "resamples"),
        (lambda: paired_interval([0.1], [0.1, 0.2]), "same length"),
        (lambda: needed_sample(0.5, 0.0), "half_width"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
