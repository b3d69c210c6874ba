"""What an interval of a report says besides its ends: the difference that so many items show, and how many would show a
small one. It holds for every suite, also without a gate."""

from __future__ import annotations

import numpy as np
import pytest

from genaiops_assets.evaluation import Measure
from genaiops_assets.evaluation.measure import WORTHWHILE
from genaiops_assets.use_case import Criterion

MEASURE = Measure(resamples=400, confidence=0.95, seed=7)


def test_the_worthwhile_difference_is_that_of_a_gate_that_states_none() -> None:
    assert Criterion.model_fields["worthwhile"].default == WORTHWHILE


def test_more_items_show_less_and_the_number_needed_stays() -> None:
    draw = np.random.default_rng(3).random(400)
    few, many = (MEASURE.mean(list(draw[:n]))["shows"] for n in (50, 400))
    assert many["difference"] < few["difference"] / 2
    assert few["needed"] == pytest.approx(many["needed"], rel=0.35)


def test_what_is_said_to_be_shown_is_shown_in_four_cases_of_five() -> None:
    """Draws whose true mean lies so far above 0.5: the interval leaves 0.5 out in about 80 of 100."""
    rng, n = np.random.default_rng(5), 60
    shows = MEASURE.mean([float(x) for x in rng.random(n) < 0.5])["shows"]["difference"]
    seen = [MEASURE.mean([float(x) for x in rng.random(n) < 0.5 + shows])["low"] > 0.5 for _ in range(200)]
    assert 0.68 <= np.mean(seen) <= 0.95


def test_one_item_shows_nothing_and_equal_ones_show_what_their_interval_does() -> None:
    assert "shows" not in MEASURE.mean([1.0]) and "shows" not in MEASURE.mean([])
    sure = MEASURE.mean([1.0] * 30)
    assert sure["shows"]["difference"] > 1 - sure["low"]  # it never shows what the interval does not
