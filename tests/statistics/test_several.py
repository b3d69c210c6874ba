"""Several tests and several things: Holm's worked example, missing p-values, ties that show."""

import pytest
from statsmodels.stats.multitest import multipletests

from genaiops_assets.statistics import holm, holm_levels, ordered


def test_holm_on_the_worked_example():
    """Holm's method on p = 0.01, 0.04, 0.03, 0.005 at 0.05: the first and the fourth stand, as R's p.adjust gives."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm_levels([0.01, 0.04, 0.03, 0.005], 0.05) == pytest.approx([0.05 / 3, 0.05, 0.025, 0.0125])


def test_a_missing_p_value_is_left_out_and_spoils_no_other():
    assert holm([0.01, None, 0.04]) == [pytest.approx(0.02), None, pytest.approx(0.04)]
    assert holm([None, None]) == [None, None] and holm([]) == []
    assert holm_levels([None, 0.2, 0.2], 0.05) == [None, 0.025, 0.025]


def test_adjusted_values_stay_probabilities_and_keep_their_order():
    found = holm([0.9, 0.5, 0.0])
    assert found == [1.0, 1.0, 0.0]
    with pytest.raises(ValueError, match=r"0\.\.1"):
        holm([1.2])


def test_holm_agrees_with_the_definition_step_by_step():
    p_values = [0.012, 0.2, 0.004, 0.03, 0.03, 0.9, 0.0007]
    for alpha in (0.01, 0.05, 0.2):
        remaining, stands = sorted(range(7), key=lambda i: p_values[i]), set()
        while remaining and p_values[remaining[0]] <= alpha / len(remaining):
            stands.add(remaining.pop(0))
        assert {i for i, p in enumerate(holm(p_values)) if p <= alpha} == stands
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_an_ordering_sorts_on_the_lower_bound_and_shows_ties():
    found = ordered(
        {"lucky": (0.2, 0.99), "sure": (0.7, 0.8), "weak": (0.1, 0.3), "near": (0.6, 0.72), "new": (None, None)}
    )
    assert [(p.name, p.rank) for p in found] == [("sure", 1), ("near", 1), ("lucky", 1), ("weak", 4), ("new", 5)]


def test_one_that_is_only_tied_with_a_follower_starts_the_next_rank():
    found = ordered({"a": (0.8, 0.9), "b": (0.5, 0.7), "c": (0.4, 0.55)})
    assert [(p.name, p.rank) for p in found] == [("a", 1), ("b", 2), ("c", 2)]
