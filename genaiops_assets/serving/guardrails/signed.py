"""The rule that asks signed policies: what a person says is read from the question, what the answer concludes from the
answer, and a solver says whether that can be so.

Belongs here: that rule. Does not belong here: reading and deciding (`reasoning`), which policies are signed
(`policy.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from genaiops_assets.reasoning import BadQuestion, NoSolver, Policy, Refuter, conclusions_in, facts_in
from genaiops_assets.serving.guardrails.base import Stage, Verdict
from genaiops_assets.use_case import GuardSettings

UNSIGNED = "no policy of this release was signed as it is"


class AnswerPolicy:
    """Holds back an answer whose conclusion a signed policy refutes, given what the question states. What the words do
    not say for certain decides nothing: an answer that the policy cannot refute passes, proven or not."""

    name, version = "answer_policy", "1"
    stage: Stage = "output"

    def __init__(self, policies: Mapping[str, Any] | None = None):
        self._stated = dict(policies or {})

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> AnswerPolicy:
        return AnswerPolicy(policies)

    @cached_property
    def refuters(self) -> list[Refuter]:
        """Of each policy. Raises NoSolver."""
        return [Refuter(Policy.model_validate(stated)) for stated in self._stated.values()]

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        return self.judge_answer(text, "", passages, language)

    def judge_answer(self, text: str, question: str, passages: list[str], language: str) -> Verdict:
        if not self._stated:
            return Verdict(True, text, skipped=UNSIGNED)
        try:
            refuted = next((why for one in self.refuters if (why := contradiction(one, question, text))), "")
        except NoSolver as missing:
            return Verdict(True, text, skipped=str(missing))
        return Verdict(False, "", refuted) if refuted else Verdict(True, text)


def contradiction(refuter: Refuter, question: str, answer: str) -> str:
    """What an answer concludes that cannot be so, with the rules that say it; "" where there is nothing."""
    policy = refuter.policy
    facts = facts_in(policy, question)
    for name, value in conclusions_in(policy, answer).items():
        try:
            rules = refuter.refuted_by(facts, claimed(name, value))
        except BadQuestion:
            continue  # a value that the policy cannot speak of
        if rules:
            return f"{policy.title}: {claimed(name, value)} is refuted by {', '.join(rules)}"
    return ""


def claimed(name: str, value: bool | str | float) -> str:
    """A conclusion as an expression over the policy's variables."""
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f'{name} == "{value}"' if isinstance(value, str) else f"{name} == {value:g}"
