"""What the payload `evaluate_model` is given, typed: the asset writes it, the payload reads it.

Belongs here: those fields. Does not belong here: finding them in the lake (the asset), acting on them (the payload)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.evaluation.golden import Golden
from genaiops_assets.evaluation.imported.base import ImportedFiles
from genaiops_assets.models import BaseModelFiles
from genaiops_assets.use_case import Contract, Criterion, Dtype, Engine, JudgeSettings, Repeats, Rounding


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


class JudgeModels(_Strict):
    """What judges work with, each None or empty where no judge needs it: `base`, the model; `embedder` as
    `open_embedder` takes it; `reward`: local folder of a reward model; `examples`: judge → rows it learns from;
    `servers`: {"key_variable": …} of each judge on a server, so that the key reaches the payload."""

    base: BaseModelFiles | None = None
    embedder: dict[str, Any] | None = None
    reward: str | None = None
    examples: dict[str, list[dict[str, Any]]] = {}
    servers: list[dict[str, str]] = []


class ValidationInputs(_Strict):
    """Payload `validate_judges`. `labelled`: judge → rows that people labelled, as `row_dict` has them."""

    models: JudgeModels
    labelled: dict[str, list[dict[str, Any]]]


class ValidationSettings(_Strict):
    """`judges`: name → version; `missing`: those that lack something, and what;
    `asked_again` as in `EvaluationSettings`."""

    judges: dict[str, str]
    settings: dict[str, JudgeSettings] = {}
    missing: dict[str, str] = {}
    asked_again: str = ""
    language: str
    dtype: Dtype
    load_in_4bit: Rounding
    prompt_texts: dict[str, Any] | None = None


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
    judging: JudgeModels = JudgeModels()
    imported: list[ImportedFiles] = []
    suite_items: dict[str, str] = {}


class EvaluationSettings(_Strict):
    """`also`: confidences that gates ask for besides `confidence`; `suites`, `judges`: name → version of those besides
    the first ones; `limit`: items of each slice of a further suite in a smoke run; `contracts`: what the use case asks
    of every answer's form; `judge_settings`: what each judge is told; `judges_missing`: those that lack something, and
    what; `asked_again`: the report that a judge which did not answer left, so that this one is another; `engine`: what
    generates; `stop_early`: a suite ends once every one of `gates` on it is decided; `repeats`: answers that are drawn
    several times."""

    max_new_tokens: int
    batch_size: int
    resamples: int
    confidence: float
    top_k: int
    language: str
    dtype: Dtype
    load_in_4bit: Rounding
    prompts: str
    also: tuple[float, ...] = ()
    suites: dict[str, str] = {}
    judges: dict[str, str] = {}
    judge_settings: dict[str, JudgeSettings] = {}
    judges_missing: dict[str, str] = {}
    asked_again: str = ""
    limit: int | None = None
    contracts: tuple[Contract, ...] = ()
    engine: Engine = "transformers"
    stop_early: bool = False
    gates: tuple[Criterion, ...] = ()
    repeats: Repeats | None = None
