"""Suite `format`: whether the golden answers, as people are served, keep the form that is asked of every answer.

Belongs here: language, length, marks and the use case's own contracts. Does not belong here: what counts as a broken
form (`../losses/wording.py`), asking (these are the golden suite's answers)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from genaiops_assets.evaluation.losses.wording import ROLES, answer_length, problems_of_form
from genaiops_assets.evaluation.suites.base import About, Item, Speaker, World
from genaiops_assets.evaluation.suites.golden import GoldenSuite
from genaiops_assets.models import Messages
from genaiops_assets.text import language
from genaiops_assets.use_case import Contract

LONGEST = {"en": 120, "zh": 200}  # words, or characters: what a person reads at a glance
NO_LIMIT = 1  # of tokens: none are counted here, and an answer that was cut off does not end as a sentence


class FormatSuite:
    """`form`: says something, ends as a sentence, plays no other role. `no_marks`: no chat template's or role marks.
    `own_language`: the language of its question, where the answer has letters at all. `length`: at most 120 words, in
    Chinese 200 characters. `contract_NAME`: each contract of the use case."""

    name, version, keeps_answers = "format", "1", True
    languages = ("en", "zh")  # its metrics are known with the contracts of a use case
    speakers: Mapping[str, Speaker] = {"base_with": "base", "tuned_with": "tuned"}
    answers_of = GoldenSuite.name
    about = About(
        estimand="share of answers that keep each part of the form, as people are served",
        population="answers to the golden questions with retrieval",
        missing_policy="every golden question has an answer; an empty one breaks the form",
        requirement="Answers keep the form that people and programs behind them rely on.",
        article="article-15.1",
        risks=("human_ai", "information_integrity"),
    )

    def items(self, world: World) -> Sequence[Item]:
        return GoldenSuite().items(world)

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        raise NotImplementedError("the golden suite asked already")

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        broken = problems_of_form(answer, 0, NO_LIMIT)
        return {
            "form": float(not broken),
            "no_marks": float(ROLES not in broken),
            "own_language": float(in_language_of(answer, item.question)),
            "length": float(answer_length(answer) <= LONGEST[world.language]),
            **{f"contract_{c.name}": float(keeps(c, answer)) for c in world.contracts},
        }

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["split"],)


def in_language_of(answer: str, question: str) -> bool:
    """An amount or a date alone is of every language; an empty answer is of none."""
    if not any(character.isalpha() for character in answer):
        return bool(answer.strip())
    return language(answer) == language(question)


def keeps(contract: Contract, answer: str) -> bool:
    """A pattern is searched anywhere; `^` and `$` stand at lines."""
    if contract.at_most_words is not None:
        return answer_length(answer) <= contract.at_most_words
    if contract.must_match is not None:
        return re.search(contract.must_match, answer, re.MULTILINE) is not None
    return re.search(contract.must_not_match or "", answer, re.MULTILINE) is None
