"""The combined test is exact whatever the statistics are, and alpha is spent over all windows."""

import numpy as np
import pytest

from genaiops_assets.statistics import alpha_of_one, combined_test

LABELS = np.repeat([0.0, 1.0], [15, 15])


def outcome(values: np.ndarray, permutations: int = 99, seed: int = 0, names: str = "ab"):
    """Statistics of one number a row: difference of means, and of mean squares."""
    kinds = {"a": values, "b": values**2}
    return combined_test(
        {n: lambda labels, v=kinds[n]: np.abs((2 * labels - 1) @ v) for n in names},
        LABELS,
        permutations,
        np.random.default_rng(seed),
    )


def test_p_values_are_uniform_without_a_difference() -> None:
    random = np.random.default_rng(11)
    p_values = np.array([outcome(random.standard_cauchy(30), seed=n).p_value for n in range(600)])
    for level in (0.05, 0.1, 0.3, 0.5):
        assert abs((p_values <= level).mean() - level) < 4 * np.sqrt(level * (1 - level) / 600) + 0.01
    assert p_values.min() >= 0.01


def test_the_early_end_does_not_make_small_p_values_more_frequent() -> None:
    random = np.random.default_rng(12)
    p_values = np.array([outcome(random.normal(size=30), permutations=1000, seed=n).p_value for n in range(400)])
    assert (p_values <= 0.05).sum() <= 34  # 20 expected
    assert 0.06 < (p_values <= 0.1).mean() < 0.15


def test_what_one_statistic_sees_is_enough() -> None:
    random = np.random.default_rng(13)
    values = random.normal(size=30) * np.where(LABELS == 1, 6, 1)
    result = outcome(values, 999)
    assert result.by_statistic["b"] <= 0.01 and result.p_value <= 0.02
    assert result.permutations == 999


def test_the_smallest_p_is_one_in_all_labellings() -> None:
    values = LABELS * 10 + np.arange(30) / 100
    assert outcome(values, 999).p_value == pytest.approx(1 / 1000)


def test_ties_count_against_an_alarm() -> None:
    assert outcome(np.ones(30)).p_value == 1.0


def test_it_is_repeatable() -> None:
    values = np.random.default_rng(1).normal(size=30)
    assert outcome(values, seed=3) == outcome(values, seed=3)


def test_nothing_to_test_is_refused() -> None:
    with pytest.raises(ValueError, match="needs statistics"):
        combined_test({}, LABELS, 10, np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least one permutation"):
        outcome(np.ones(30), permutations=0)


def test_alpha_is_spent_evenly() -> None:
    assert alpha_of_one(0.05, 100) == pytest.approx(0.0005)
    assert alpha_of_one(0.05, 1) == 0.05
    for alpha, windows in ((0.0, 10), (1.0, 10), (0.05, 0)):
        with pytest.raises(ValueError):
            alpha_of_one(alpha, windows)
