"""Two sets of answers to the same questions: what was won, what was lost, and when that is more than chance."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evaluation import answer_changes, answers_of_cell, loses_too_much
from genaiops_assets.evaluation.changes import distinct
from genaiops_assets.statistics import more_lost_than_chance


def answers(**scores: float) -> dict[str, Any]:
    return {item: {"answer": f"{item} {score}", "score": score} for item, score in scores.items()}


def test_only_what_moved_is_listed_and_the_worst_loss_comes_first() -> None:
    found = answer_changes(answers(a=1.0, b=0.5, c=0.2, d=0.0), answers(a=0.1, b=0.5, c=0.9, d=0.0), "abcd")
    assert found["rows"] == [
        {"item": "a", "before": 1.0, "after": 0.1, "moved": -0.9},
        {"item": "c", "before": 0.2, "after": 0.9, "moved": 0.7},
    ]
    assert (found["items"], found["changed"], found["won"], found["lost"]) == (4, 2, 1, 1)


def test_another_wording_with_the_same_score_is_changed_and_even() -> None:
    after = {"a": {"answer": "other words", "score": 1.0}}
    found = answer_changes(answers(a=1.0), after, "a")
    assert (found["changed"], found["even"], found["rows"]) == (1, 1, [])


def test_questions_that_were_not_the_same_do_not_count() -> None:
    assert answer_changes(answers(a=1.0, b=1.0), answers(a=0.0, b=0.0), ["b", "gone"])["items"] == 1


@pytest.mark.parametrize(
    ("lost", "won", "expected"), [(0, 0, 1.0), (5, 0, 1 / 32), (1, 1, 0.75), (0, 5, 1.0), (4, 0, 1 / 16)]
)
def test_the_sign_test_by_hand(lost: int, won: int, expected: float) -> None:
    assert more_lost_than_chance(lost, won) == pytest.approx(expected)


def test_five_losses_without_a_win_are_no_chance_and_four_may_be() -> None:
    before = answers(**dict.fromkeys("abcde", 1.0))
    assert loses_too_much(answer_changes(before, answers(**dict.fromkeys("abcde", 0.0)), "abcde"))
    assert not loses_too_much(answer_changes(before, answers(**dict.fromkeys("abcd", 0.0)), "abcd"))
    assert not loses_too_much(answer_changes(before, before, "abcde"))


def test_answers_come_from_one_cell_of_the_golden_suite() -> None:
    def row(**more: Any) -> dict[str, Any]:
        scores = [{"name": "answer_f1", "value": 0.5}]
        return {"suite": "golden", "item": "g1", "cell": "tuned_with", "answer": "x", "scores": scores, **more}

    rows = [row(), row(cell="base_with", answer="y"), row(suite="other", answer="z")]
    assert answers_of_cell(rows, "tuned_with") == {"g1": {"answer": "x", "score": 0.5}}


def test_distinct_n_by_hand() -> None:
    texts = [["a", "b", "a"], ["a", "b"]]
    assert distinct(texts, 1) == pytest.approx(2 / 5)
    assert distinct(texts, 2) == pytest.approx(2 / 3)  # ab, ba, ab
    assert distinct([["a"]], 2) is None
