"""Judges that are models of the use case: its reward model, and its base model asked for yes or no.

Belongs here: these two. Does not belong here: loading a model (`alignment/judge_tools.py`), which is handed over as a
tool."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from genaiops_assets.evaluation.judges.base import Asked, Judge, Need, Tools
from genaiops_assets.models import Messages

YES_NO = {"en": ("Yes", "No"), "zh": ("是", "否")}
ASK = {
    "en": "{passages}Question: {question}\n\nAnswer: {answer}\n\nIs this answer right and complete? Reply with Yes or "
    "No.",
    "zh": "{passages}问题：{question}\n\n回答：{answer}\n\n这个回答是否正确且完整？请回复是或否。",
}


class RewardJudge:
    """The score of a reward model on the scale of its held-out answers, brought to 0..1: 0.5 is an answer like their
    mean. `evaluation.judge_settings.reward.model_version` names the version whose reward model it is, so that all
    versions are judged by the same one; never let a version be judged by the reward model it was trained on."""

    name, version = "reward", "1"
    needs: Sequence[Need] = ("base", "reward")

    def __init__(self, reward: Callable[[Asked], float] | None = None):
        self.reward = reward

    def opened(self, tools: Tools) -> Judge:
        return RewardJudge(tools.reward)

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        assert self.reward is not None
        return logistic(self.reward(Asked(question, answer, reference, tuple(passages))))


class LocalModelJudge:
    """How much likelier the base model answers yes than no, asked whether the answer is right: P(yes) / (P(yes) +
    P(no)). A small model says yes to most: its record tells whether the order of its scores means anything."""

    name, version = "local_model", "1"
    needs: Sequence[Need] = ("base",)

    def __init__(self, likelihoods: Callable[[Messages, Sequence[str]], list[float]] | None = None, ask: str = ""):
        self.likelihoods, self.ask = likelihoods, ask
        self.ways: tuple[str, str] = YES_NO["en"]

    def opened(self, tools: Tools) -> Judge:
        judge = LocalModelJudge(tools.likelihoods, tools.settings.ask or ASK[tools.language])
        judge.ways = YES_NO[tools.language]
        return judge

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        assert self.likelihoods is not None
        shown = "".join(f"{text}\n\n" for text in passages)
        asked = self.ask.format(question=question, answer=answer, reference=reference or "", passages=shown)
        yes, no = self.likelihoods([{"role": "user", "content": asked}], self.ways)
        return logistic(yes - no)


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, value)))
