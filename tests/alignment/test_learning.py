"""A training's log says whether it taught anything; each series can be the one that did not go the right way."""

from __future__ import annotations

import pytest

from genaiops_assets.alignment import learned

GOOD = {"loss": [0.69, 0.6, 0.5, 0.4], "rewards_margins": [0.0, 0.1, 0.3, 0.5], "rewards_accuracies": [0, 0.5, 1, 1]}
CURVES = ("loss", "rewards_margins", "rewards_accuracies")


def log(**changed: list[float]) -> list[dict[str, float]]:
    series = {**GOOD, **changed}
    steps = max(len(values) for values in series.values())
    return [
        {"step": float(n + 1), **{name: float(v[n]) for name, v in series.items() if n < len(v)}} for n in range(steps)
    ]


def test_what_goes_the_right_way_is_no_problem_and_shows_both_halves() -> None:
    found = learned(log(), CURVES)
    assert found.problems == []
    assert found.facts["rewards_margins_of_first_half"] == pytest.approx(0.05)
    assert found.facts["rewards_margins_of_last_half"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("loss", [0.4, 0.5, 0.6, 0.7], "loss should have fallen"),
        ("loss", [0.5, 0.5, 0.5, 0.5], "loss should have fallen"),
        ("rewards_margins", [0.5, 0.4, 0.1, 0.0], "rewards_margins should have risen"),
        ("rewards_accuracies", [0.5, 0.5, 0.5, 0.5], "rewards_accuracies should have risen"),
        ("rewards_margins", [0.1, 0.2], "rewards_margins is missing in 2 of 4 steps"),
    ],
)
def test_each_series_can_fail(name: str, values: list[float], problem: str) -> None:
    assert learned(log(**{name: values}), CURVES).problems == [problem]


def test_an_accuracy_that_was_full_from_the_first_step_need_not_rise() -> None:
    assert learned(log(rewards_accuracies=[1, 1, 1, 1]), CURVES).problems == []


def test_only_the_methods_own_series_are_looked_at() -> None:
    assert learned(log(rewards_margins=[9, 9, 0, 0]), ("loss",)).problems == []


def test_one_step_teaches_nothing() -> None:
    assert learned(log()[:1], CURVES).problems == ["fewer than two steps were taken"]
