"""Priorities against rows of the handbook's table written down by hand, and the table against its own shape."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from genaiops_assets.governance.risk import action_priority, risk_priority_number
from genaiops_assets.governance.risk.priorities import priority_table

RATINGS = range(1, 11)
EVERY = list(product(RATINGS, RATINGS, RATINGS))


@pytest.mark.parametrize(
    ("severity", "occurrence", "detection", "priority"),
    [
        (10, 8, 1, "H"),  # very high effect, very high occurrence: whatever is detected
        (9, 6, 1, "H"),
        (10, 4, 2, "H"),
        (10, 4, 1, "M"),  # the one row of S 9-10 and O 4-5 that is M
        (9, 3, 7, "H"),
        (9, 3, 6, "M"),
        (9, 3, 4, "L"),
        (10, 1, 10, "L"),  # eliminated: low even at severity 10, which is why severity has a rule of its own
        (8, 8, 1, "H"),
        (7, 6, 2, "H"),
        (7, 6, 1, "M"),
        (8, 4, 7, "H"),
        (8, 5, 6, "M"),
        (7, 2, 5, "M"),
        (7, 3, 4, "L"),
        (6, 8, 5, "H"),
        (5, 9, 4, "M"),
        (4, 7, 10, "M"),
        (6, 6, 1, "L"),
        (4, 4, 7, "M"),
        (6, 5, 6, "L"),
        (6, 3, 10, "L"),
        (3, 8, 5, "M"),
        (2, 10, 4, "L"),
        (3, 7, 10, "L"),
        (1, 10, 10, "L"),
    ],
)
def test_known_rows_of_the_handbook(severity: int, occurrence: int, detection: int, priority: str) -> None:
    assert action_priority(severity, occurrence, detection) == priority


def test_each_of_a_thousand_combinations_has_one_priority_and_the_counts_are_those_added_up_by_hand() -> None:
    """By hand for one severity of each band (H, M, L): 9 76/6/18, 7 56/26/18, 4 18/38/44, 2 0/18/82, 1 0/0/100."""
    assert Counter(action_priority(*ratings) for ratings in EVERY) == {"H": 318, "M": 214, "L": 468}
    assert Counter(action_priority(9, o, d) for o, d in product(RATINGS, RATINGS)) == {"H": 76, "M": 6, "L": 18}


@pytest.mark.parametrize("raised", [0, 1, 2])
def test_a_worse_rating_never_lowers_the_priority(raised: int) -> None:
    order = "LMH"
    for ratings in EVERY:
        if ratings[raised] < 10:
            worse = [*ratings]
            worse[raised] += 1
            assert order.index(action_priority(*worse)) >= order.index(action_priority(*ratings)), ratings


def test_priority_and_product_disagree_where_the_handbook_wants_it() -> None:
    """RPN ranks 5·8·6 = 240 above 10·6·2 = 120; the priority says M before H the other way round."""
    assert risk_priority_number(5, 6, 8) == 240 and action_priority(5, 6, 8) == "M"
    assert risk_priority_number(10, 6, 2) == 120 and action_priority(10, 6, 2) == "H"


@pytest.mark.parametrize(
    ("ratings", "named"), [((0, 1, 1), "severity"), ((1, 11, 1), "occurrence"), ((1, 1, -1), "detection")]
)
def test_a_rating_outside_the_scale_is_named(ratings: tuple[int, int, int], named: str) -> None:
    for of in (action_priority, risk_priority_number):
        with pytest.raises(ValueError, match=f"{named} must be from 1 to 10"):
            of(*ratings)


def test_the_table_says_where_it_comes_from() -> None:
    table = priority_table()
    assert "2019" in table["source"] and table["checked_on"] and "disagree" in table["note"]
