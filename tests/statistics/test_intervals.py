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


def destroyed(random: np.random.Generator, n: int) -> np.ndarray:
    """Effects of a tuning that destroys one answer in twenty and leaves the others as they were."""
    return np.where(random.random(n) < 0.05, -0.6, 0.0)


UNKIND = {  # name: (draw, truth, bounds); faults that were found: equal values, rare large harm, few distinct values
    "0.95 of two values": (lambda r, n: (r.random(n) < 0.95) * 1.0, 0.95, (0, 1)),
    "0.94 of two values": (lambda r, n: (r.random(n) < 0.94) * 1.0, 0.94, (0, 1)),
    "one in twenty destroyed": (destroyed, -0.03, (-1, 1)),
    "one in thirty lost": (lambda r, n: np.where(r.random(n) < 1 / 30, -1.0, 0.0), -1 / 30, (-1, 1)),
    "harm among noise": (
        lambda r, n: np.where(r.random(n) < 0.05, -0.8, r.uniform(-0.02, 0.02, n)), -0.04, (-1, 1),
    ),
    "three values": (lambda r, n: r.choice([0, 0.5, 1], n, p=[0.03, 0.02, 0.95]), 0.96, (0, 1)),
    "a long tail": (lambda r, n: 1 - r.beta(0.1, 3, n), 1 - 0.1 / 3.1, (0, 1)),
    "in the middle": (lambda r, n: r.beta(2, 2, n), 0.5, (0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("case", UNKIND)
@pytest.mark.parametrize("n", [10, 30, 60])
def test_a_bound_is_wrong_no_more_often_than_stated_whatever_is_drawn(case: str, n: int) -> None:
    draw, truth, bounds = UNKIND[case]
    random, times = np.random.default_rng(11), 1000
    found = [mean_interval(draw(random, n), bounds=bounds, resamples=300, seed=i) for i in range(times)]
    allowed = 0.025 * times + 3 * np.sqrt(0.025 * times)  # one-sided, three standard deviations of the count
    assert sum(i.low > truth for i in found) <= allowed
    assert sum(i.high < truth for i in found) <= allowed


@pytest.mark.parametrize(
    ("truth", "gate", "n"), [(0.94, 0.99, 10), (0.94, 0.99, 30), (0.95, 0.95, 30), (0.95, 0.95, 60)]
)
def test_only_hits_do_not_reach_a_gate_they_cannot_prove(truth: float, gate: float, n: int) -> None:
    random = np.random.default_rng(12)
    found = [mean_interval((random.random(n) < truth) * 1.0, bounds=(0, 1)).low for _ in range(1000)]
    assert np.mean([low >= gate for low in found]) <= 0.025


@pytest.mark.parametrize("n", [30, 42])
def test_a_tuning_that_destroys_answers_passes_no_gate_by_luck(n: int) -> None:
    random = np.random.default_rng(13)
    base = random.uniform(0.6, 1, (1000, n))
    found = [paired_interval(b + destroyed(random, n), b, bounds=(0, 1), resamples=300).low for b in base]
    assert np.mean([low > -0.03 for low in found]) <= 0.025


def test_an_interval_keeps_a_width_at_the_edge() -> None:
    all_right = mean_interval([1.0] * 30, bounds=(0, 1))
    assert (all_right.low, all_right.high) == pytest.approx((0.025 ** (1 / 30), 1.0))  # Clopper and Pearson by hand
    unchanged = paired_interval([0.4] * 30, [0.4] * 30, bounds=(0, 1))
    assert unchanged.low == pytest.approx(-(1 - 0.025 ** (1 / 30)), abs=0.01) and unchanged.high == pytest.approx(
        -unchanged.low, abs=0.01
    )


def test_two_values_are_counted_exactly_and_others_agree_with_the_count() -> None:
    values = [1.0] * 17 + [0.0] * 3
    exact = mean_interval(values, bounds=(0, 1))
    assert (exact.low, exact.high) == pytest.approx((0.6211, 0.9679), abs=1e-4)  # tables of Clopper and Pearson
    almost = mean_interval([*values[:-1], 0.001], bounds=(0, 1), resamples=20_000)
    assert (almost.low, almost.high) == pytest.approx((exact.low, exact.high), abs=0.01)


def test_many_items_of_a_bounded_score_give_the_normal_interval() -> None:
    values = np.random.default_rng(2).beta(4, 4, 2000)
    found = mean_interval(values, bounds=(0, 1))
    half = 1.96 * values.std() / np.sqrt(values.size)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.002)


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
        (lambda: mean_interval([0.1, 1.2], bounds=(0, 1)), "bounds"),
        (lambda: paired_interval([0.1], [0.1, 0.2]), "same length"),
        (lambda: needed_sample(0.5, 0.0), "half_width"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
