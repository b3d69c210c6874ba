"""Sections `evaluation` and `success_criteria` of the use case file."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from genaiops_assets.use_case.base import Name, Ref, Strict


class RetrievalSet(Strict):
    """Queries with the documents that answer them; `fields` are dotted paths into each record."""

    name: Name
    ref: Ref
    fields: dict[Literal["query_id", "query", "relevant"], str] = Field(default_factory=dict)
    limit: int | None = Field(default=None, gt=0)


class Evaluation(Strict):
    golden: str = Field(default="golden/questions.jsonl", description="id, question, answer, documents, split")
    limit_per_split: int | None = Field(default=None, gt=0, description="smoke runs only")
    retrieval_sets: list[RetrievalSet] = Field(default_factory=list)
    max_new_tokens: int = Field(default=48, gt=0)
    batch_size: int = Field(default=16, gt=0)
    resamples: int = Field(default=5000, ge=200)


class Criterion(Strict):
    """One gate: `metric` is a JSON pointer into `eval_report.json` to an interval {mean, low, high, n}."""

    id: Name
    metric: str = Field(pattern=r"^/")
    at_least: float = Field(description="the lower bound of the interval must reach this")
    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    min_items: int = Field(ge=2, description="fewer items than this cannot decide")
    rationale: str = Field(min_length=20)
    level: Literal["business", "model", "system", "user_experience", "safety"] = "model"


class SuccessCriteria(Strict):
    written_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="before the first training")
    gates: list[Criterion] = Field(min_length=1)

    @field_validator("written_on")
    @classmethod
    def written_on_is_a_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value

    @model_validator(mode="after")
    def ids_are_unique(self) -> SuccessCriteria:
        ids = [g.id for g in self.gates]
        if len(ids) != len(set(ids)):
            raise ValueError("gate ids must be unique")
        return self
