"""What the payload `evaluate_model` is given, typed: the asset writes it, the payload reads it.

Belongs here: those fields. Does not belong here: finding them in the lake (the asset), acting on them (the payload)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.evaluation.golden import Golden
from genaiops_assets.use_case import Dtype, Engine


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldenItem(_Strict):
    id: str
    question: str
    answer: str
    documents: tuple[str, ...]
    split: str

    def golden(self) -> Golden:
        return Golden(**self.model_dump())


class SetFile(_Strict):
    """A retrieval set as a local file."""

    name: str
    path: str
    fields: dict[str, str]
    limit: int | None = None


class ObservedTopics(_Strict):
    """`before`: the version in production then, "" for the base model; `adapter`: its adapter as a local folder."""

    before: str
    adapter: str | None
    questions: list[str]


class EarlierAnswers(_Strict):
    """A published report whose answers may be used again. `answers`: cell → what determined the answers in it
    (`answers.answers_key`); `whole`: reports that state no keys, but were made from exactly these inputs and settings:
    the cells that may be used."""

    report: str
    snapshot: dict[str, Any]
    answers: dict[str, str] = Field(default_factory=dict)
    whole: tuple[str, ...] = ()


class EvaluationInputs(_Strict):
    """`base`: path and digest of the base model; `adapter`: folder of the tuned adapter, None where the base model
    itself is judged; `index`, `embedder`, `reranker`: as `retrieval.open_retriever` takes them; `prompts`: the texts
    around a question, None for the packaged ones; `pairs`: snapshot of the rows it learned from, None where no suite
    looks at them; `suite_items`: suite → local file of the use case's own items."""

    model_version: str
    base: dict[str, Any]
    adapter: str | None
    pairs: dict[str, Any] | None = None
    golden: list[GoldenItem]
    unanswerable: list[GoldenItem] = []
    index: dict[str, Any]
    embedder: dict[str, Any]
    reranker: dict[str, Any] | None = None
    retrieval_sets: list[SetFile] = []
    new_topics: ObservedTopics | None = None
    earlier: list[EarlierAnswers] = []
    prompts: dict[str, Any] | None = None
    suite_items: dict[str, str] = {}


class EvaluationSettings(_Strict):
    """`also`: confidences that gates ask for besides `confidence`; `suites`, `judges`: name → version of those besides
    the first ones; `limit`: items of each slice of a further suite in a smoke run; `engine`: what generates."""

    max_new_tokens: int
    batch_size: int
    resamples: int
    confidence: float
    top_k: int
    language: str
    dtype: Dtype
    load_in_4bit: bool
    prompts: str
    also: tuple[float, ...] = ()
    suites: dict[str, str] = {}
    judges: dict[str, str] = {}
    limit: int | None = None
    engine: Engine = "transformers"
