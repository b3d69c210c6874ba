"""A question that a rule holds back is answered with the refusal, beside others that go on to the model."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from genaiops_assets.models import packaged_prompts
from genaiops_assets.serving import Assistant
from genaiops_assets.serving.guardrails.policy import NOTHING_SAID
from genaiops_assets.serving.shadow import told_by
from tests.support.lakes import bank_support

LONG = "x" * 5000


class Generator:
    """Counts what reaches it; says the same to everything."""

    context_tokens = 10_000

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def length(self, prompt: Any) -> int:
        return 10

    def generate(self, prompts: list[Any], most: int) -> list[str]:
        self.asked += prompts
        return ["It is 95 dollars."] * len(prompts)

    def tokens(self, prompts: list[Any], texts: list[str]) -> list[tuple[int, int]]:
        return [(10, 5)] * len(prompts)


@pytest.fixture
def assistant() -> Assistant:
    found = Assistant.__new__(Assistant)
    found.uc, found.prompts, found.max_new_tokens, found.top_k = bank_support(), packaged_prompts("en"), 50, 1
    found.guards, found.guard_policy, found.index_digest = ["question_length"], NOTHING_SAID, "d" * 64
    found.choice = SimpleNamespace(version="mv-1", released=True)  # type: ignore[assignment]
    found.generator = Generator()  # type: ignore[assignment]
    passage = SimpleNamespace(quoted="The fee is 95 dollars.", id="p1")
    found.retriever = SimpleNamespace(find=lambda questions, k, only: [[passage] for _ in questions])  # type: ignore[assignment]
    return found


def test_the_others_of_a_batch_are_answered_and_each_stands_in_its_place(assistant: Assistant) -> None:
    answers = assistant.answer(["What is the fee?", LONG, "And the late fee?"])
    assert [a.text for a in answers] == ["It is 95 dollars.", assistant.prompts.refusal, "It is 95 dollars."]
    assert [bool(a.held_back) for a in answers] == [False, True, False] and "4000 characters" in answers[1].held_back
    assert answers[1].passages == [] and answers[1].intervened and answers[1].exchange("replay")["answer"]
    assert len(assistant.generator.asked) == 2, "the model never saw the question"  # type: ignore[union-attr]


def test_a_batch_of_nothing_else_asks_nothing(assistant: Assistant) -> None:
    assert assistant.answer([LONG])[0].text == assistant.prompts.refusal
    assert assistant.answer([]) == [] and assistant.generator.asked == []  # type: ignore[union-attr]


def test_in_shadow_it_counts_as_an_intervention_without_a_score(assistant: Assistant) -> None:
    (found,) = told_by(assistant, [LONG])
    assert (found.score, found.failed, found.intervened) == (None, False, True)


def test_the_log_of_ask_says_which_rules_fired(assistant: Assistant) -> None:
    assistant.guards = ["question_length", "personal_data_masked"]
    assistant.generator.generate = lambda prompts, most: ["Ask jane.doe@bank.example."] * len(prompts)  # type: ignore[union-attr, method-assign, assignment]
    fine, held = assistant.answer(["What is the fee?", LONG])
    assert fine.exchange("ask")["rules"] == ["output:personal_data_masked:changed"] and fine.intervened
    assert held.exchange("ask")["rules"] == ["input:question_length:blocked"]
    assert held.held_back.startswith("question_length: ")
    assistant.generator = None
    (found,) = assistant.answer(["What is the fee?"])
    assert found.exchange("ask")["rules"] is None, "no model answered, no rule was asked"
