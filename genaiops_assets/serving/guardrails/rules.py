"""Rules on the size of a question and on personal data in an answer.

Belongs here: these two. Does not belong here: other rules on questions (`questions.py`) and answers (`answers.py`),
which of them a use case wants.
"""

from __future__ import annotations

from typing import Any

from genaiops_assets.serving.guardrails.base import Stage, Verdict
from genaiops_assets.text import mask
from genaiops_assets.use_case import GuardSettings, QuestionLengthLimit


class QuestionLength:
    """Holds back questions that no person types."""

    name, version = "question_length", "2"
    stage: Stage = "input"

    def __init__(self, limit: QuestionLengthLimit | None = None):
        self.limit = limit or QuestionLengthLimit()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> QuestionLength:
        return QuestionLength(settings.question_length)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        most = self.limit.characters
        if len(text) <= most:
            return Verdict(True, text)
        return Verdict(False, "", f"a question has at most {most} characters, this one has {len(text)}")


class PersonalDataMasked:
    """Masks personal data in an answer that does not stand in the passages it rests on."""

    name, version = "personal_data_masked", "1"
    stage: Stage = "output"

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        masked = mask(text)
        if masked.text == text or all(part in " ".join(passages) for part in text.split()):
            return Verdict(True, text)
        return Verdict(True, masked.text, "personal data was masked")
