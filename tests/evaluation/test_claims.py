"""An answer as claims, and whether one passage holds each of them."""

from __future__ import annotations

import json

import pytest

from genaiops_assets.evaluation.claims import claims_of, invented_numbers, judged_claims, names
from tests.evaluation.suites.planted import SHARED

FEE = "Late return of the blue card costs 95 dollars each quarter."
LOST = "A lost card is blocked within 2 hours of a call to Berlin."


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ("The fee is 95 dollars, and the card is blocked.", ["The fee is 95 dollars", "and the card is blocked."]),
        ("It costs $1,000, or 5 %, each year.", ["It costs $1,000", "or 5 %, each year."]),
        ("Yes.", []),
        ("", []),
        ("逾期每天收费0.2元，最多收20元；请到一楼办理。", ["逾期每天收费0.2元", "最多收20元", "请到一楼办理。"]),
    ],
)
def test_sentences_are_cut_into_what_says_something(answer: str, claims: list[str]) -> None:
    assert claims_of(answer) == claims


@pytest.mark.parametrize(
    ("answer", "grounded"),
    [
        ("Returning the blue card late costs 95 dollars.", [True]),
        ("Late return costs 59 dollars.", [False]),  # another number
        ("A lost card is blocked within 2 hours in Munich.", [False]),  # another name
        ("Late return costs 95 dollars, and a dragon guards the golden treasure.", [True, False]),
        ("Late return of a card costs 2 dollars.", [False]),  # each word somewhere, the number in another passage
        ("The blue card is late; a lost card is blocked.", [True, True]),
    ],
)
def test_a_claim_is_held_by_one_passage(answer: str, grounded: list[bool]) -> None:
    assert [claim.grounded for claim in judged_claims(answer, "What does it cost?", [FEE, LOST])] == grounded


def test_words_of_the_question_prove_nothing() -> None:
    (claim,) = judged_claims("The dragon costs gold.", "What does the dragon of the treasure cost?", [FEE])
    assert not claim.grounded


def test_chinese_claims_titles_and_numbers() -> None:
    passage = "《读者须知》规定，图书逾期，每册每天收取0.2元逾期费。"
    assert [c.grounded for c in judged_claims("《读者须知》规定每册每天0.2元。", "逾期怎么收费？", [passage])] == [True]
    assert [c.grounded for c in judged_claims("《馆规》规定每册每天0.2元。", "逾期怎么收费？", [passage])] == [False]
    assert [c.grounded for c in judged_claims("每册每天2元。", "逾期怎么收费？", [passage])] == [False]
    assert names("按照《馆规》办理") == ["馆规"]


def test_numbers_that_no_passage_has_are_counted() -> None:
    assert invented_numbers("It is 95 dollars in 2 hours, or 7 days.", [FEE, LOST]) == (1, 3)
    assert invented_numbers("Nothing.", [FEE]) == (0, 0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not beside this checkout")
def test_true_summaries_are_grounded_and_those_of_another_article_are_not() -> None:
    """What it cannot do stands in the docstring: a twisted word is not noticed."""
    rows = [json.loads(line) for line in (SHARED / "factual_pairs/pairs.jsonl").read_text("utf-8").splitlines()]

    def grounded(shift: int) -> float:
        pairs = [(row["correct_sent"], rows[(n + shift) % len(rows)]["article_sent"]) for n, row in enumerate(rows)]
        return sum(all(c.grounded for c in judged_claims(said, "", [read])) for said, read in pairs) / len(rows)

    assert grounded(0) > 0.97 and grounded(17) < 0.05
