"""Rules on questions: attempts to turn the assistant away from its task, personal data that nobody should type, topics
and languages that it is not for.

Belongs here: these rules, English and Chinese. Does not belong here: the classifier (`classifier.py`) and what it
learned from (`training.py`)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from genaiops_assets.serving.guardrails import training
from genaiops_assets.serving.guardrails.base import Stage, Verdict
from genaiops_assets.serving.guardrails.classifier import Classifier, fitted
from genaiops_assets.text import language as language_of
from genaiops_assets.text import mask, normalise
from genaiops_assets.use_case import GuardSettings, InjectionLimit, LanguageLimit, QuestionData, TopicLimit

FEWEST_EXAMPLES, FOLDS = 10, 5
OTHERS = 1000  # packaged questions that the examples are told apart from
NAMES = {"en": "English", "zh": "Chinese"}


class PromptInjection:
    """Holds back questions that read like an attempt to replace the assistant's instructions, to see them, or to give
    it another part to play. A classifier of our own phrases; it knows how such attempts are worded, not what they
    mean, and finds nothing in an encoded text but the request to decode it."""

    name, version = "prompt_injection", "1"
    stage: Stage = "input"
    files = (training.PHRASES, training.STORIES, training.WEIGHTS, "classifier.py", "training.py")

    def __init__(self, limit: InjectionLimit | None = None):
        self.limit = limit or InjectionLimit()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> PromptInjection:
        return PromptInjection(settings.prompt_injection)

    def score(self, text: str, question: str, passages: list[str], language: str) -> float:
        return training.packaged().score(text)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        cut = self.limit.score_zh if language_of(text) == "zh" else self.limit.score
        if self.score(text, "", [], language) < cut:
            return Verdict(True, text)
        return Verdict(False, "", "the question asks the assistant to leave its instructions")


class QuestionPersonalData:
    """Holds back questions with personal data of a kind that is not needed to answer and should not travel."""

    name, version = "question_personal_data", "1"
    stage: Stage = "input"

    def __init__(self, limit: QuestionData | None = None):
        self.limit = limit or QuestionData()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> QuestionPersonalData:
        return QuestionPersonalData(settings.question_personal_data)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        found = sorted(set(mask(text).counts) & set(self.limit.kinds))
        if not found:
            return Verdict(True, text)
        kinds = ", ".join(kind.lower().replace("_", " ") for kind in found)
        return Verdict(False, "", f"the question holds personal data ({kinds}): ask without it")


class QuestionTopic:
    """Holds back questions with a forbidden phrase, and, where the use case gives examples of its own, questions unlike
    all of them: a classifier learns the examples against packaged questions about the rest of the world, and the cut is
    the one that lets most of the examples pass that it did not see (`keep`)."""

    name, version = "question_topic", "1"
    stage: Stage = "input"
    files = (training.PHRASES, training.STORIES, "classifier.py", "training.py")

    def __init__(self, limit: TopicLimit | None = None):
        self.limit = limit or TopicLimit()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> QuestionTopic:
        return QuestionTopic(settings.question_topic)

    def score(self, text: str, question: str, passages: list[str], language: str) -> float:
        """How unlike the examples a question is; 0 without enough of them."""
        if len(self.limit.examples) < FEWEST_EXAMPLES:
            return float(self._forbidden(text) is not None)
        return 1.0 if self._forbidden(text) else 1.0 - learned(tuple(self.limit.examples)).score(text)

    def _forbidden(self, text: str) -> str | None:
        plain = normalise(text).casefold()
        return next((p for p in self.limit.forbidden if normalise(p).casefold() in plain), None)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        if (phrase := self._forbidden(text)) is not None:
            return Verdict(False, "", f"this assistant does not speak about {phrase}")
        if len(self.limit.examples) < FEWEST_EXAMPLES:
            return Verdict(True, text)
        if learned(tuple(self.limit.examples)).score(text) < least_score(tuple(self.limit.examples), self.limit.keep):
            return Verdict(False, "", "the question is not what this assistant is for")
        return Verdict(True, text)


class QuestionLanguage:
    """Holds back questions in a script that the assistant does not answer in. Script cannot tell French from English;
    a text without letters passes."""

    name, version = "question_language", "1"
    stage: Stage = "input"

    def __init__(self, limit: LanguageLimit | None = None):
        self.limit = limit or LanguageLimit()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> QuestionLanguage:
        return QuestionLanguage(settings.question_language)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        if language_of(text) in self.limit.languages or not any(map(str.isalpha, text)):
            return Verdict(True, text)
        known = " or ".join(NAMES[one] for one in self.limit.languages)
        return Verdict(False, "", f"this assistant answers questions in {known}")


@cache
def learned(examples: tuple[str, ...]) -> Classifier:
    """Examples of a use case against packaged harmless questions."""
    known = {normalise(one).casefold() for one in examples}
    harmless = [t for t, attack in training.training_texts() if not attack and normalise(t).casefold() not in known]
    others = harmless[:: max(1, len(harmless) // OTHERS)]
    return fitted([*examples, *others], [*[True] * len(examples), *[False] * len(others)])


@cache
def least_score(examples: tuple[str, ...], keep: float) -> float:
    """The score that this share of the examples reaches, each judged by a classifier that did not see it."""
    scores = []
    for fold in range(FOLDS):
        seen = tuple(one for n, one in enumerate(examples) if n % FOLDS != fold)
        scores += [learned(seen).score(one) for one in examples[fold::FOLDS]]
    return float(np.quantile(scores, 1.0 - keep, method="lower"))
