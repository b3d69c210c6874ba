"""Prompts: the words around a question are the same wherever they are used. Does not belong here: what a model
answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.models import messages
from genaiops_assets.models.prompts import PASSAGE_CHARACTERS, packaged_prompts, prompts_of
from genaiops_assets.use_case import UseCaseError
from tests.support.lakes import bank_support

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
    worked = packaged_prompts(language).example
    assert worked is not None
    assert (worked.passage in example["content"]) == bool(passages)
    assert answer["content"] == worked.answer


def test_braces_in_texts_stay_as_they_are() -> None:
    asked = messages("What is {title}?", ["{passages} {0}"], "en")[-1]["content"]
    assert "{passages} {0}" in asked and asked.endswith("Question: What is {title}?")


def test_a_long_passage_is_cut() -> None:
    asked = messages("Q?", ["ж" * 5000], "en")[-1]["content"]
    assert asked.count("ж") == PASSAGE_CHARACTERS


# --- a use case's own prompts -----------------------------------------------------------------------------------------


def own(tmp_path: Path, text: str):
    (tmp_path / "prompts.yaml").write_text(text, encoding="utf-8")
    return prompts_of(bank_support(folder=tmp_path))


def test_without_a_file_the_packaged_prompts_are_used_under_their_version(tmp_path: Path) -> None:
    found = prompts_of(bank_support(folder=tmp_path))
    assert found == packaged_prompts("en") and found.version == "1"


def test_a_use_case_says_some_of_its_prompts_otherwise(tmp_path: Path) -> None:
    found = own(tmp_path, "system: You answer for a library.\nexample: null\n")
    assert found.messages("Q?", ["A"])[0]["content"] == "You answer for a library."
    assert len(found.messages("Q?", ["A"])) == 2 and found.refusal == packaged_prompts("en").refusal


def test_other_words_are_another_version(tmp_path: Path) -> None:
    one, other = own(tmp_path, "system: One.\n"), own(tmp_path, "system: Another.\n")
    assert len({one.version, other.version, "1"}) == 3


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("system: ok\ncontext: only {passages}\n", 2, "must name {question}"),
        ("plain: '{question} {user}'\n", 1, "may name {question} only"),
        ("sytem: typo\n", 1, "Extra inputs"),
        ("refusal: ''\n", 1, "at least 1 character"),
    ],
)
def test_a_mistake_names_file_line_and_field(tmp_path: Path, text: str, line: int, why: str) -> None:
    with pytest.raises(UseCaseError) as caught:
        own(tmp_path, text)
    assert f"prompts.yaml:{line}: " in str(caught.value) and why in str(caught.value)
