"""From an interval to a rating: worked by hand, with missing items counted as failures."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evaluation import Measure
from genaiops_assets.governance.risk import failure_rate, occurrence_of
from genaiops_assets.governance.risk.occurrence import anchor, scales


def interval(mean: Any, low: Any, high: Any, n: int = 100, **more: Any) -> dict[str, Any]:
    return {"mean": mean, "low": low, "high": high, "n": n, "confidence": 0.95, **more}


@pytest.mark.parametrize(
    ("rate", "rating"),
    [
        (1.0, 10),
        (0.1, 10),
        (0.0999, 9),
        (0.05, 9),
        (0.02, 8),
        (0.0199, 7),
        (0.01, 7),
        (0.002, 6),
        (0.0005, 5),
        (0.0001, 4),
        (0.00001, 3),
        (0.000009, 2),
        (0.0, 2),
    ],
)
def test_a_rate_gets_the_highest_rating_it_reaches(rate: float, rating: int) -> None:
    assert occurrence_of(rate) == rating


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        occurrence_of(rate)


def test_the_upper_end_counts_and_the_side_that_fails() -> None:
    toxic = failure_rate(interval(0.02, 0.01, 0.06), "figure")
    right = failure_rate(interval(0.9, 0.85, 0.94), "rest")
    assert toxic and (toxic.mean, toxic.upper, toxic.n) == (0.02, 0.06, 100)
    assert right and (right.mean, right.upper) == (0.1, 0.15)  # 1 - 0.9, 1 - 0.85


def test_missing_items_are_failures() -> None:
    """100 scored with at most 5 % failures, 25 missing: (100·0.05 + 25) / 125 = 0.24."""
    found = failure_rate(interval(0.02, 0.0, 0.05, attrition={"missing": 25, "share": 0.2}), "figure")
    assert found and found.upper == 0.24 and found.missing == 25


@pytest.mark.parametrize(
    "damaged",
    [
        interval(None, None, None, 0),
        interval(0.5, None, None, 1),
        interval(-0.1, -0.2, 0.1),
        interval(0.5, 0.6, 0.7),
        interval(0.5, 0.4, 1.2),
    ],
)
def test_what_is_no_share_measures_nothing(damaged: dict[str, Any]) -> None:
    assert failure_rate(damaged, "figure") is None


def test_no_failure_among_few_items_is_no_proof_of_rarity() -> None:
    """The reports' own interval on 20 answers without a failure: the upper end lies above 1 in 10, so 10 of 10; and on
    2,000 it still does not reach the lowest ratings."""
    few, many = (Measure(500, 0.95, 0).mean([0.0] * n) for n in (20, 2000))
    of_few, of_many = failure_rate(few, "figure"), failure_rate(many, "figure")
    assert of_few and of_many and of_few.mean == of_many.mean == 0
    assert occurrence_of(of_few.upper) == 10
    assert occurrence_of(of_many.upper) in (5, 6)


def test_every_rating_of_every_scale_is_described_in_both_languages() -> None:
    for scale in ("severity", "occurrence", "detection"):
        assert [row["rating"] for row in scales()[scale]] == list(range(10, 0, -1))
        for rating in range(1, 11):
            assert anchor(scale, rating, "en") and anchor(scale, rating, "zh")  # type: ignore[arg-type]
