"""Sections `evaluation` and `success_criteria` of the use case file."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from genaiops_assets.use_case.base import Name, Ref, Strict
from genaiops_assets.use_case.judges import ImportedResults, JudgeLabels, JudgeLimits, JudgeSettings


class RetrievalSet(Strict):
    """Queries with the documents that answer them; `fields` are dotted paths into each record."""

    name: Name
    ref: Ref
    fields: dict[Literal["query_id", "query", "relevant"], str] = Field(default_factory=dict)
    limit: int | None = Field(default=None, gt=0)


Engine = Literal["transformers", "openvino", "openvino_bfloat16"]


class Contract(Strict):
    """What every answer's form must be: exactly one of the three. Patterns are Python's, searched anywhere in the
    answer, over all its lines."""

    name: Name
    must_match: str | None = Field(default=None, min_length=1, exclude_if=lambda stated: stated is None)
    must_not_match: str | None = Field(default=None, min_length=1, exclude_if=lambda stated: stated is None)
    at_most_words: int | None = Field(
        default=None, gt=0, exclude_if=lambda stated: stated is None, description="in Chinese, characters"
    )

    @field_validator("must_match", "must_not_match")
    @classmethod
    def is_a_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def asks_one_thing(self) -> Contract:
        if [self.must_match, self.must_not_match, self.at_most_words].count(None) != 2:
            raise ValueError("expected exactly one of must_match, must_not_match and at_most_words")
        return self


class LatencyLimits(Strict):
    """How long an answer may take as it is served: 95 of 100 stay below."""

    seconds_to_first_token: float | None = Field(default=None, gt=0)
    seconds_per_token: float | None = Field(default=None, gt=0)


class Repeats(Strict):
    """Answers drawn several times, to see how much a score moves from run to run."""

    runs: int = Field(default=3, ge=2, le=20)
    temperature: float = Field(default=0.7, gt=0, le=2, allow_inf_nan=False)
    items: int = Field(default=24, ge=2, description="golden questions, from all over the set")


class Evaluation(Strict):
    golden: str = Field(default="golden/questions.jsonl", description="id, question, answer, documents, split")
    unanswerable: str | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="id, question, split: questions that nothing in the documents answers, for the suite refusal",
    )
    prompt_variants: str | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="a yaml file, name: what it says instead of prompts.yaml; compared on the dev half",
    )
    limit_per_split: int | None = Field(default=None, gt=0, description="smoke runs only")
    retrieval_sets: list[RetrievalSet] = Field(default_factory=list)
    max_new_tokens: int = Field(default=48, gt=0)
    batch_size: int = Field(default=16, gt=0)
    engine: Engine = Field(
        default="transformers",
        exclude_if=lambda stated: stated == "transformers",
        description="what generates; openvino needs its extra, openvino_bfloat16 at times says something else",
    )
    resamples: int = Field(default=5000, ge=200)
    suites: list[Name] = Field(default_factory=list, description="besides golden, retrieval and new_topics")
    suite_items: dict[Name, Ref] = Field(
        default_factory=dict,
        exclude_if=lambda stated: not stated,
        description="suite: a jsonl file of your own items, instead of the packaged ones",
    )
    judges: list[Name] = Field(default_factory=list, description="further scores of the golden answers")
    judge_settings: dict[Name, JudgeSettings] = Field(
        default_factory=dict, exclude_if=lambda stated: not stated, description="judge: what it is told"
    )
    judge_labels: list[JudgeLabels] = Field(
        default_factory=list,
        exclude_if=lambda stated: not stated,
        description="labelled rows that a judge is measured on before a gate believes it",
    )
    judge_limits: dict[Name, JudgeLimits] = Field(
        default_factory=dict,
        exclude_if=lambda stated: not stated,
        description="judge: what its record must show before a gate believes it",
    )
    imported: list[ImportedResults] = Field(
        default_factory=list,
        exclude_if=lambda stated: not stated,
        description="results of other evaluation harnesses, each shown as a suite",
    )

    stop_early: bool = Field(
        default=False,
        exclude_if=lambda stated: not stated,
        description="a suite ends once every gate on it is decided, as rarely wrong as asked whole",
    )
    repeats: Repeats | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="draw answers several times, to see how much scores move from run to run",
    )
    contracts: list[Contract] = Field(
        default_factory=list,
        exclude_if=lambda stated: not stated,
        description="what every answer's form must be, for the suite format",
    )
    latency_limits: LatencyLimits | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="how long an answer may take as it is served",
    )

    @field_validator("contracts")
    @classmethod
    def names_are_unique(cls, value: list[Contract]) -> list[Contract]:
        if len(value) != len({contract.name for contract in value}):
            raise ValueError("a name may stand here once")
        return value

    @field_validator("suites", "judges")
    @classmethod
    def each_once(cls, value: list[str]) -> list[str]:
        if len(value) != len(set(value)):
            raise ValueError("a name may stand here once")
        return value


UNSTATED: dict[str, Any] = {
    "at_least": None,
    "at_most": None,
    "asset": "eval_report",
    "severity": "must",
    "against": None,
    "slices": [],
    "missing": "bounded",
    "worthwhile": 0.05,
    "population": "",
}


class Criterion(Strict):
    """One gate: `metric` is a JSON pointer into the report of `asset` to an interval {mean, low, high, n}. Exactly one
    of `at_least` (the interval must lie above) and `at_most` (below) is set."""

    id: Name
    metric: str = Field(pattern=r"^/")
    at_least: float | None = Field(
        default=None, allow_inf_nan=False, description="the lower bound of the interval must reach this"
    )
    at_most: float | None = Field(
        default=None, allow_inf_nan=False, description="the upper bound of the interval must not exceed this"
    )
    asset: Literal["eval_report", "red_team_report"] = Field(
        default="eval_report", description="the report that `metric` points into"
    )
    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    min_items: int = Field(ge=2, description="fewer items than this cannot decide")
    rationale: str = Field(min_length=20)
    level: Literal["business", "model", "system", "user_experience", "safety"] = "model"
    severity: Literal["must", "should"] = Field(
        default="must", description="`should`: missing it is said in the decision and stops nothing"
    )
    against: Literal["champion"] | None = Field(
        default=None, description="judge the difference to the released version, item by item, instead of the figure"
    )
    slices: list[Name] = Field(
        default_factory=list, description="further parts on which the same must hold, each a gate of its own"
    )
    missing: Literal["left_out", "bounded"] = Field(
        default="bounded",
        description="`bounded`: items without a score count once as the worst, once as the best; `left_out`: honest "
        "only where they go missing whatever they would have scored",
    )
    worthwhile: float = Field(
        default=0.05, gt=0, allow_inf_nan=False, description="the least difference from the limit that matters"
    )
    population: str = Field(default="", description="what the items stand for, where it is not questions like these")

    @model_validator(mode="after")
    def has_one_limit(self) -> Criterion:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("expected exactly one of at_least and at_most")
        if self.against and "/cells/" not in self.metric:
            raise ValueError("against: champion needs a metric of a cell: /cells/... or /suites/NAME/cells/...")
        if self.asset != "eval_report" and (self.against or self.slices):
            raise ValueError(f"a gate on {self.asset} has neither against nor slices: point at the class itself")
        if len({*self.slices, self.slice_name}) <= len(self.slices):
            raise ValueError("each slice may stand once, and not the one that metric names")
        return self

    @property
    def slice_name(self) -> str:
        """The part of the items that `metric` is about: its last step."""
        return self.metric.rsplit("/", 1)[-1]

    def on_each_slice(self) -> list[Criterion]:
        """This gate, and one for each further slice, named `ID_SLICE`."""
        stem = self.metric.rsplit("/", 1)[0]
        alone: dict[str, Any] = {"slices": []}
        return [
            self.model_copy(update=alone),
            *(
                self.model_copy(update={**alone, "id": f"{self.id}_{part}", "metric": f"{stem}/{part}"})
                for part in self.slices
            ),
        ]

    @property
    def limit(self) -> float:
        """The threshold, whichever side it is on."""
        found = self.at_least if self.at_least is not None else self.at_most
        assert found is not None
        return found

    @model_serializer(mode="wrap")
    def without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Criteria written before there were these fields keep their content, and so their digest."""
        return {k: v for k, v in handler(self).items() if k not in UNSTATED or v != UNSTATED[k]}


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
        ids = [one.id for g in self.gates for one in g.on_each_slice()]
        if len(ids) != len(set(ids)):
            raise ValueError("gate ids must be unique")
        return self
