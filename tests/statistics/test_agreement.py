"""Krippendorff's alpha gives the values its author published, and says nothing where nothing can be said.

Source: Klaus Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011, University of Pennsylvania,
repository.upenn.edu/asc_papers/43): sections A (binary, two observers: 0.095), B (nominal, two observers: 0.692),
C (nominal, four observers, missing: 0.743) and D (the same data: ordinal 0.815, interval 0.849)."""

from __future__ import annotations

import math
from typing import Any

import pytest

from genaiops_assets.statistics import Level, krippendorff_alpha

BINARY = [(0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)]
LETTERS = ["aabbdcccedda", "babbbcccedd" + "d"]
FOUR = [
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
]


def units(raters: Any) -> list[tuple[Any, ...]]:
    return list(zip(*raters, strict=True))


@pytest.mark.parametrize(
    ("raters", "level", "published"),
    [
        (BINARY, Level.NOMINAL, 0.095),
        (LETTERS, Level.NOMINAL, 0.692),
        (FOUR, Level.NOMINAL, 0.743),
        (FOUR, Level.ORDINAL, 0.815),
        (FOUR, Level.INTERVAL, 0.849),
    ],
)
def test_alpha_is_what_was_published(raters: Any, level: Level, published: float) -> None:
    found = krippendorff_alpha(units(raters), level)
    assert found.alpha is not None and found.low is not None and found.high is not None
    assert round(found.alpha, 3) == published
    assert found.low <= found.alpha <= found.high


def test_a_unit_rated_once_says_nothing() -> None:
    found = krippendorff_alpha(units(FOUR))
    assert (found.units, found.ratings) == (11, 40)  # the last unit has one rating
    missing = [[math.nan if v is None else v for v in unit] for unit in units(FOUR)]
    assert krippendorff_alpha(missing) == found


def test_two_values_leave_the_levels_nothing_to_differ_in() -> None:
    found = {level: krippendorff_alpha(units(BINARY), level).alpha for level in Level}
    assert len({round(a, 12) for a in found.values() if a is not None}) == 1 and None not in found.values()


def test_full_agreement_contradiction_and_nothing_to_say() -> None:
    assert krippendorff_alpha([("a", "a"), ("b", "b")] * 5).alpha == 1
    against = krippendorff_alpha([("a", "b"), ("b", "a")] * 5).alpha
    assert against is not None and against < -0.05
    for nothing in ([], [("a",), (None, "b")], [("a", "a")] * 9):
        found = krippendorff_alpha(nothing)
        assert (found.alpha, found.low, found.high) == (None, None, None)


def test_the_interval_narrows_with_more_units_and_repeats() -> None:
    few, many = units(FOUR), units(FOUR) * 9
    narrow, wide = krippendorff_alpha(many), krippendorff_alpha(few)
    assert narrow.high - narrow.low < (wide.high - wide.low) / 2  # type: ignore[operator]
    assert krippendorff_alpha(few) == wide and krippendorff_alpha(few, seed=1) != wide


def test_words_are_no_ranks() -> None:
    with pytest.raises(ValueError, match="ordinal ratings must be finite numbers"):
        krippendorff_alpha([("a", "b")], Level.ORDINAL)
