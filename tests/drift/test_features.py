"""Numeric features: PSI, KS and Wasserstein against their definitions, and few false calls."""

import numpy as np
import pytest

from genaiops_assets.drift.features import psi, shifted_features

RANDOM = np.random.default_rng(4)


def test_psi_follows_its_definition() -> None:
    before, now = np.arange(100.0), np.concatenate([np.arange(50.0), np.full(50, 99.0)])
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    expected = 0.0
    for low, high in zip([-np.inf, *edges], [*edges, np.inf], strict=True):
        share = [(((side > low) & (side <= high)).sum() + 0.5) / (len(side) + 5) for side in (before, now)]
        expected += (share[1] - share[0]) * np.log(share[1] / share[0])
    assert psi(before, now) == pytest.approx(expected)


def test_equal_samples_do_not_move() -> None:
    same = RANDOM.normal(size=300)
    (found,) = shifted_features({"x": same}, {"x": same}, alpha=0.05, minimum=20)
    assert (found.psi, found.ks, found.wasserstein, found.is_clear) == (0, 0, 0, False) and found.p_value == 1


def test_a_shift_is_measured_in_standard_deviations() -> None:
    before = RANDOM.normal(10, 3, size=4000)
    (found,) = shifted_features({"x": before}, {"x": before + 6}, alpha=0.001, minimum=20)
    assert found.wasserstein == pytest.approx(2, abs=0.1) and found.is_clear and found.psi > 0.25
    assert found.mean_now - found.mean_before == pytest.approx(6)


@pytest.mark.parametrize(("before", "now"), [([0.0], [1.0]), ([1.0], [0.0])])
def test_a_share_of_yes_and_no_is_a_feature(before: list[float], now: list[float]) -> None:
    usual = np.array(before * 95 + now * 5)
    (found,) = shifted_features(
        {"language": usual}, {"language": np.array(before * 50 + now * 50)}, alpha=0.05, minimum=20
    )
    assert found.is_clear and found.ks == pytest.approx(0.45) and found.psi > 0.25


def test_the_largest_comes_first_and_small_samples_are_left_out() -> None:
    usual = RANDOM.normal(size=200)
    found = shifted_features(
        {"a": usual, "b": usual, "few": [1.0], "gone": usual, "holes": [*usual[:10], *[np.nan] * 190]},
        {"a": usual + 0.1, "b": usual + 2, "few": [1.0], "holes": usual},
        alpha=0.05,
        minimum=20,
    )
    assert [f.name for f in found] == ["b", "a"] and (found[0].n_reference, found[0].n_current) == (200, 200)


def test_any_false_call_among_many_features_is_rare() -> None:
    random = np.random.default_rng(9)
    wrong = 0
    for _ in range(200):
        sides = [{f"f{n}": random.normal(size=60) for n in range(8)} for _ in range(2)]
        wrong += any(f.is_clear for f in shifted_features(*sides, alpha=0.05, minimum=20))
    assert wrong <= 20  # 10 expected at most


def test_a_reference_of_one_value_has_no_scale_of_its_own() -> None:
    (found,) = shifted_features(
        {"score": [1.0, 1.0 + 1e-9] * 40}, {"score": np.linspace(0.2, 0.4, 80)}, alpha=0.05, minimum=20
    )
    assert 1 < found.wasserstein < 3 and found.is_clear
