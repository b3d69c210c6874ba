"""What section `evaluation` says of judges: how each is set up, what it was labelled by, and what it must reach.

Belongs here: these fields. Does not belong here: judges (`evaluation/judges`), or whether a name is known
(`judge_problems.py`)."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from genaiops_assets.use_case.base import Language, Name, Ref, Strict

Sent = Literal["question", "answer", "reference", "passages"]


class JudgeSettings(Strict):
    """What one judge is told. Each judge reads what it knows; `cut` is the score from which it says yes."""

    cut: float = Field(default=0.5, ge=0, le=1, description="the score from which the judge says yes")
    keywords: list[str] = Field(default=[], description="of judge keywords: words or phrases, any of which says yes")
    pattern: str = Field(default="", description="of judge pattern: a regular expression that says yes where it is")
    examples: Ref | None = Field(
        default=None, description="of judge head: labelled rows it learns from; none of them may measure it"
    )
    ask: str = Field(
        default="",
        description="of local_model and endpoint: what is asked, with {question}, {answer}, {reference}, {passages}",
    )
    model_version: str = Field(default="", description="of judge reward: the version whose reward model judges")
    url: str = Field(default="", description="of a judge on a server: the address before the path of its API")
    model: str = Field(default="", description="of a judge on a server: its name there")
    api_key_env: str = Field(default="", description="environment variable that holds the key")
    sends: list[Sent] = Field(
        default=[], description="what may leave this machine for a judge on a server; nothing else is sent"
    )

    @field_validator("pattern")
    @classmethod
    def is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"this is no regular expression: {error}") from None
        return value

    @field_validator("ask")
    @classmethod
    def asks_about_known_parts(cls, value: str) -> str:
        try:
            value.format(question="", answer="", reference="", passages="")
        except (KeyError, IndexError, ValueError):
            raise ValueError("write {question}, {answer}, {reference} or {passages}, and {{ for a brace") from None
        return value

    def stated(self) -> dict[str, Any]:
        """What was set and can change a score: neither the key's name nor the cut."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"api_key_env", "cut"})


class JudgeLabels(Strict):
    """Rows that people labelled: question, answer, label (true where what a high score stands for is there), language,
    and reference or passages where the judge reads them."""

    judge: Name
    ref: Ref = Field(description="a jsonl file; path:… is relative to the use case file")


class JudgeLimits(Strict):
    """What a judge's record must show before a gate believes its scores, in each of the languages. All but
    `least_items` at the lower end of the 95 % interval."""

    least_items: int = Field(default=30, ge=10, description="labelled rows with a score")
    least_of_each: int = Field(default=10, ge=2, description="rows with the label, and rows without")
    auc: float = Field(default=0.7, gt=0, lt=1)
    recall: float | None = Field(default=None, gt=0, lt=1, description="at 1 % false positives")
    agreement: float | None = Field(default=None, gt=-1, lt=1, description="Krippendorff's alpha with the labels")
    most_abstained: float = Field(default=0.1, ge=0, lt=1, description="share of the rows the judge gives no score")
    languages: list[Language] = Field(default=[], description="the use case's own where none is named")


class ImportedResults(Strict):
    """Results of another evaluation harness, shown as a suite of their own."""

    name: Name
    ref: Ref = Field(description="the file of results; path:… is relative to the use case file")
    format: Literal["lm_eval", "inspect", "garak"]
    samples: list[Ref] = Field(default=[], description="of lm_eval: the files samples_TASK_….jsonl")
    model_version: str = Field(description="the version that was tested: results say nothing of another one")

    @model_validator(mode="after")
    def samples_belong_to_lm_eval(self) -> ImportedResults:
        if bool(self.samples) != (self.format == "lm_eval"):
            raise ValueError("samples belong to format: lm_eval, which needs them: without items there is no interval")
        return self
