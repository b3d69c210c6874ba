"""The packaged rules.

Belongs here: small rules without a model. Does not belong here: which of them a use case wants.
"""

from __future__ import annotations

from genaiops_assets.serving.guardrails.base import Stage, Verdict
from genaiops_assets.text import mask

LONGEST_QUESTION = 4000  # characters


class QuestionLength:
    """Holds back questions that no person types."""

    name, version = "question_length", "1"
    stage: Stage = "input"

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        if len(text) <= LONGEST_QUESTION:
            return Verdict(True, text)
        return Verdict(False, "", f"a question has at most {LONGEST_QUESTION} characters, this one has {len(text)}")


class PersonalDataMasked:
    """Masks personal data in an answer that does not stand in the passages it rests on."""

    name, version = "personal_data_masked", "1"
    stage: Stage = "output"

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        masked = mask(text)
        if masked.text == text or all(part in " ".join(passages) for part in text.split()):
            return Verdict(True, text)
        return Verdict(True, masked.text, "personal data was masked")
