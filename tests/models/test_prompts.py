"""Prompts: the words around a question are the same wherever they are used. Does not belong here: what a model
answers."""

from __future__ import annotations

import pytest

from genaiops_assets.models import messages
from genaiops_assets.models.prompts import EXAMPLE, PASSAGE_CHARACTERS

LANGUAGES = ("en", "zh")


@pytest.mark.parametrize(
    ("language", "user"),
    [
        ("en", "Answer from these passages only.\n\nA\n\nB\n\nQuestion: Q?"),
        ("zh", "只根据以下资料回答。\n\nA\n\nB\n\n问题：Q?"),
    ],
)
def test_passages_stand_before_the_question(language: str, user: str) -> None:
    *_, asked = messages("Q?", ["A", "B"], language)
    assert asked == {"role": "user", "content": user}


@pytest.mark.parametrize(("language", "user"), [("en", "Question: Q?"), ("zh", "问题：Q?")])
def test_without_passages_only_the_question_is_asked(language: str, user: str) -> None:
    assert messages("Q?", [], language)[-1]["content"] == user


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("passages", [[], ["A"]])
def test_one_worked_example_comes_first_in_the_same_form(language: str, passages: list[str]) -> None:
    system, example, answer, _ = messages("Q?", passages, language)
    assert (system["role"], example["role"], answer["role"]) == ("system", "user", "assistant")
    assert (EXAMPLE[language]["passage"] in example["content"]) == bool(passages)
    assert answer["content"] == EXAMPLE[language]["answer"]


def test_braces_in_texts_stay_as_they_are() -> None:
    asked = messages("What is {title}?", ["{passages} {0}"], "en")[-1]["content"]
    assert "{passages} {0}" in asked and asked.endswith("Question: What is {title}?")


def test_a_long_passage_is_cut() -> None:
    asked = messages("Q?", ["ж" * 5000], "en")[-1]["content"]
    assert asked.count("ж") == PASSAGE_CHARACTERS
