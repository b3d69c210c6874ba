"""Part `serving.guard_settings` of the use case file: what each rule is told, how it must do on labelled texts, and
servers that are asked.

Belongs here: the fields. Does not belong here: the rules (`serving/guardrails`), which of them are on
(`serving.guards`). A rule that is told nothing works with what stands here by default."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from genaiops_assets.use_case.base import Ref, Strict

Advice = Literal["investment", "legal", "medical", "tax"]
Kind = Literal["EMAIL", "SECRET", "IBAN", "IP", "RESIDENT_ID", "CARD", "PHONE"]


class QuestionLengthLimit(Strict):
    characters: int = Field(default=4000, ge=1, description="the most of a question")


class InjectionLimit(Strict):
    """Scores from which a question is held back, 1 is certain. Chinese has its own: it is learned from fewer words."""

    score: float = Field(default=0.9, gt=0, le=1)
    score_zh: float = Field(default=0.6, gt=0, le=1, description="of a question in Chinese")


class QuestionData(Strict):
    kinds: list[Kind] = Field(
        default=["CARD", "IBAN", "SECRET", "RESIDENT_ID"], description="personal data that nobody should type here"
    )


class TopicLimit(Strict):
    """What the assistant is for. Phrases are looked for as they stand, whatever their capitals."""

    forbidden: list[str] = Field(default_factory=list, description="phrases of questions that are held back")
    examples: list[str] = Field(
        default_factory=list,
        description="questions that belong here; with ten or more of them, one unlike them all is held back",
    )
    keep: float = Field(default=0.95, gt=0, lt=1, description="share of the examples that pass when they are not known")


class LanguageLimit(Strict):
    languages: list[Literal["en", "zh"]] = Field(default=["en", "zh"], min_length=1)


class GroundedLimit(Strict):
    share: float = Field(default=1.0, gt=0, le=1, description="of the claims of an answer that a passage must hold")


class AdviceLimit(Strict):
    kinds: list[Advice] = Field(default=["investment", "legal", "medical", "tax"])
    phrases: list[str] = Field(default_factory=list, description="further phrases that no answer may hold")


class FormatLimit(Strict):
    characters: int = Field(default=4000, ge=1, description="the most of an answer")
    must_not_match: list[str] = Field(default_factory=list, description="regular expressions no answer may match")
    links: Literal["any", "from_passages", "none"] = Field(
        default="from_passages", description="web addresses in an answer"
    )

    @field_validator("must_not_match")
    @classmethod
    def _are_expressions(cls, stated: list[str]) -> list[str]:
        for one in stated:
            try:
                re.compile(one)
            except re.error as error:
                raise ValueError(f"{one!r} is no regular expression: {error}") from None
        return stated


class GuardServer(Strict):
    """A server that a rule asks. Without `url` or key it is not asked, and each text says that it was skipped."""

    url: Ref = Field(default="", description="address before the path")
    model: str = Field(default="", description="the model's name there")
    key_variable: str = Field(default="", description="environment variable that holds its key; none when left out")
    seconds: float = Field(default=5.0, gt=0, le=60, description="that an answer of it may take")
    score: float = Field(default=0.5, gt=0, le=1, description="from which a text is held back")
    when_down: Literal["skip", "hold_back"] = Field(
        default="skip", description="what becomes of a text while it does not answer"
    )


class GuardRecord(Strict):
    """How the rules must do on labelled texts (asset `guard_report`)."""

    labelled: list[str] = Field(
        default_factory=list,
        description="JSONL files or folders of the use case beside the packaged texts: "
        "{rule, text, hold_back, language, passages, question}",
    )
    recall: dict[str, float] = Field(
        default_factory=dict, description="{rule: least recall at no more than 1 % held back wrongly}"
    )
    false_blocks: float = Field(
        default=0.05, ge=0, le=1, description="the most harmless texts that a rule may hold back, as a share"
    )
    series: int = Field(
        default=10, ge=2, description="texts that one rule holds back on a day, from which that is a near miss"
    )
    milliseconds: float = Field(default=20.0, gt=0, description="that 95 of 100 texts take at most, without servers")

    @model_validator(mode="after")
    def _are_shares(self) -> Self:
        if any(not 0 <= least <= 1 for least in self.recall.values()):
            raise ValueError("recall: a share lies between 0 and 1")
        return self


class GuardSettings(Strict):
    """By the name of each packaged rule; `others`: what rules of other packages are told."""

    question_length: QuestionLengthLimit = QuestionLengthLimit()
    prompt_injection: InjectionLimit = InjectionLimit()
    question_personal_data: QuestionData = QuestionData()
    question_topic: TopicLimit = TopicLimit()
    question_language: LanguageLimit = LanguageLimit()
    answer_grounded: GroundedLimit = GroundedLimit()
    answer_advice: AdviceLimit = AdviceLimit()
    answer_format: FormatLimit = FormatLimit()
    llama_guard: GuardServer = GuardServer()
    prompt_shields: GuardServer = GuardServer()
    others: dict[str, dict[str, Any]] = Field(default_factory=dict)
