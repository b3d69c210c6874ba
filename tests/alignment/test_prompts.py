"""Prompts: the words around a question are the same wherever they are used. Does not belong here: what a model answers."""

from __future__ import annotations

import pytest

from genaiops_assets.alignment import messages
from genaiops_assets.alignment.prompts import PASSAGE_CHARACTERS


@pytest.mark.parametrize(
    ("language", "user"),
    [
        ("en", "Answer from these passages only.\n\n[1] A\n\n[2] B\n\nQuestion: Q?"),
        ("zh", "只根据以下资料回答。\n\n[1] A\n\n[2] B\n\n问题：Q?"),
    ],
)
def test_passages_are_numbered_before_the_question(language: str, user: str) -> None:
    system, asked = messages("Q?", ["A", "B"], language)
    assert (system["role"], asked) == ("system", {"role": "user", "content": user})


@pytest.mark.parametrize(("language", "user"), [("en", "Question: Q?"), ("zh", "问题：Q?")])
def test_without_passages_only_the_question_is_asked(language: str, user: str) -> None:
    assert messages("Q?", [], language)[1]["content"] == user


def test_braces_in_texts_stay_as_they_are() -> None:
    asked = messages("What is {title}?", ["{passages} {0}"], "en")[1]["content"]
    assert "[1] {passages} {0}" in asked and asked.endswith("Question: What is {title}?")


def test_a_long_passage_is_cut() -> None:
    asked = messages("Q?", ["x" * 5000], "en")[1]["content"]
    assert asked.count("x") == PASSAGE_CHARACTERS
