"""What a question is about: ticket numbers and masked values are not part of it, amounts and topics are."""

from __future__ import annotations

import pytest

from genaiops_assets.drift import distinct, subject_of
from tests.support.growth import grows_no_faster_than_its_text

QUESTION = "What does a lost card cost?"


@pytest.mark.parametrize(
    "text",
    [
        f"Ticket 48213: {QUESTION}",
        f"[Ticket #INC-004711] {QUESTION}",
        f"{QUESTION} (case no. 2024-1187)",
        f"Ref: AB12345 {QUESTION}",
        f"#48213 {QUESTION}",
        f"{QUESTION} 20260001187",
        f"<EMAIL> {QUESTION}",
    ],
)
def test_references_are_no_part_of_a_question(text: str) -> None:
    assert subject_of(text) == QUESTION
    assert distinct([QUESTION, text]) == [0]


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        "Is a transfer of $250000 free?",
        "What is the ticket for the museum?",
        "Which case applies to me?",
        "In case I lose my card 3 times, what do I pay?",
        "What changed in 2024?",
        "利率是3.5%吗？",
    ],
)
def test_the_rest_of_a_question_stays(text: str) -> None:
    assert subject_of(text) == text


def test_chinese_references() -> None:
    assert subject_of("工单编号：20240011，图书可以借多久？") == "图书可以借多久？"
    assert subject_of("【工单#88213】座位怎么预约？") == "座位怎么预约？"


@pytest.mark.parametrize("text", ["Ticket 48213", "#123456", "<EMAIL>"])
def test_a_question_that_is_nothing_else_stays(text: str) -> None:
    assert subject_of(text) == text


@pytest.mark.parametrize("piece", ["ticket ", "ticket:#", "[", "a1-", "#", "<A", "工单 "])
def test_it_is_linear_in_the_length(piece: str) -> None:
    assert grows_no_faster_than_its_text(subject_of, piece)
