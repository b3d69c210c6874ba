"""How exactly each recipient is told a number."""

from __future__ import annotations

import pytest

from genaiops_assets.evidence import labels
from genaiops_assets.governance.documents.precision import (
    exactly,
    months,
    order_of_magnitude,
    size_range,
    told,
    two_figures,
)

MONTH = 30.4375 * 86_400


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.058e12, "1.1 × 10¹²"),
        (9.96e11, "1.0 × 10¹²"),
        (134_515_008, "1.3 × 10⁸"),
        (698, "700"),
        (0.0031234, "0.0031"),
        (3.87055e-7, "3.9 × 10⁻⁷"),
        (0, "0"),
    ],
)
def test_two_significant_figures(value: float, words: str) -> None:
    assert two_figures(value) == words


@pytest.mark.parametrize(("value", "words"), [(1.1e12, "10¹²"), (9.9e12, "10¹²"), (698, "10²"), (0, "0")])
def test_an_order_of_magnitude_hides_the_figures(value: float, words: str) -> None:
    assert order_of_magnitude(value) == words


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (134_515_008, "1–500 M"),
        (5e8, "1–500 M"),
        (5.1e8, "500 M–5 B"),
        (7e9, "5–15 B"),
        (4.05e11, "100–500 B"),
        (2e12, "> 1 T"),
    ],
)
def test_classes_of_size_are_those_of_the_form(parameters: float, words: str) -> None:
    assert size_range(parameters) == words


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(50, "under_1_month"), (2 * MONTH, "months_1_to_3"), (4 * MONTH, "months_3_to_6"), (7 * MONTH, "over_6_months")],
)
def test_classes_of_time_are_those_of_the_form(seconds: float, label: str) -> None:
    assert months(seconds) == label and {"en", "zh"} == {x for x in ("en", "zh") if labels(x)[label]}


def test_forms_convert_units_and_leave_words_alone() -> None:
    t = labels("en")
    assert told(864_000, "days", t) == "10 days" and told(12.3456, "mwh", t) == "0.012 MWh"
    assert told(139_399_488, "inference", t) == "2.8 × 10¹³ FLOP"
    assert told("SmolLM", "two_figures", t) == "SmolLM" and told(True, "two_figures", t) is True
    assert exactly(49.88, "days") == "49.88 s" and exactly(7, "two_figures") == 7
    with pytest.raises(KeyError):
        told(1.0, "nearly", t)
