"""What the payloads of alignment are given: one model each, filled in by the asset and read by the payload.

Belongs here: the shape of inputs and config. Does not belong here: what a payload does with them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.lake import Snapshot
from genaiops_assets.models import BaseModelFiles, ModelSpec
from genaiops_assets.use_case import Dtype, Judging, Rounding


class Inputs(BaseModel):
    """Base: unknown names are refused, so a typo shows before the work begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class AdoptInputs(Inputs):
    """Payload `adopt_checkpoint`. `source`: the checkpoint tuned elsewhere."""

    base: BaseModelFiles
    source: BaseModelFiles


class SnapshotRef(BaseModel):
    """A table's snapshot as JSON."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str
    version: int
    digest: str
    rows: int

    def snapshot(self) -> Snapshot:
        return Snapshot(**self.model_dump())


class PrepareInputs(Inputs):
    """Payload `prepare_base`."""

    base: BaseModelFiles


class CheckInputs(Inputs):
    """Payload `check_checkpoint`. `target_modules`: where a LoRA adapter would go, tried when it is not None."""

    model: ModelSpec
    question: str
    target_modules: str | list[str] | None = None


class CheckConfig(BaseModel):
    """The words of the question; `prompt_texts` where they are the use case's own."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    language: str
    prompt_texts: dict[str, Any] | None = None


class PairInputs(Inputs):
    """Payload `make_pairs`. `feedback`: people's preferences as `read_feedback` gives them; `observed`: questions
    people asked; index, embedder and reranker as `open_retriever` takes them; `servers` as `keys_of` has them."""

    corpus: SnapshotRef
    base: BaseModelFiles
    index: dict[str, Any]
    embedder: dict[str, Any]
    reranker: dict[str, Any] | None
    servers: list[dict[str, str]] = []
    golden: list[dict[str, Any]]
    feedback: list[dict[str, str]]
    observed: list[str]
    demonstrations: list[dict[str, Any]] = []


def keys_of(judging: Judging | None) -> list[dict[str, str]]:
    """{"key_variable": …} of a judge on a server: a key reaches only a payload whose inputs name it."""
    return [{"key_variable": judging.api_key_env}] if judging and judging.api_key_env else []


class PairConfig(BaseModel):
    """Section `alignment.pairs` and what answers depend on. `compares`: whether a stage of the training compares two
    answers, so that demonstrations need the model's own."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    count: int
    min_margin: float
    max_new_tokens: int
    passages: int
    language: str
    prompt_texts: dict[str, Any] | None = None
    dtype: Dtype
    load_in_4bit: Rounding
    compares: bool = True
    best_of: int = 1
    judging: Judging | None = None


class TrainInputs(Inputs):
    """Payload `train_model`. `start`: local folder of the adapter of the stage before, or None; `reward`: local folder
    of the reward model that a stage made; `teacher`: the model a student learns from;
    `left_out`: ids of pairs that are not learned from."""

    base: BaseModelFiles
    pairs: SnapshotRef
    start: str | None = None
    reward: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    teacher: BaseModelFiles | None = Field(default=None, exclude_if=lambda stated: stated is None)
    left_out: list[str] = []


class AuditInputs(Inputs):
    """Payload `audit_labels`. `embedder` as `open_embedder` takes it, or None for judges without vectors; `places`: the
    lines of feedback files that a pair stands in, by pair id."""

    pairs: SnapshotRef
    embedder: dict[str, Any] | None
    places: dict[str, list[str]] = {}


class AuditConfig(BaseModel):
    """`noise`: what becomes of suspects. `least`: pairs that the judges need."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    noise: Literal["remove", "keep"]
    least: int


class PreferenceInputs(Inputs):
    """Payload `report_preferences`. `embedder` as `AuditInputs`; `votes` and `shown` as `Feedback` has them."""

    pairs: SnapshotRef
    embedder: dict[str, Any] | None
    votes: dict[str, dict[str, str]] = {}
    shown: dict[str, int] = {}


class JudgeInputs(Inputs):
    """Payload `measure_judge`. `labelled`: {question, chosen, rejected}; index, embedder and reranker as
    `open_retriever` takes them."""

    labelled: list[dict[str, str]]
    base: BaseModelFiles
    index: dict[str, Any]
    embedder: dict[str, Any]
    reranker: dict[str, Any] | None
    servers: list[dict[str, str]] = []


class JudgeConfig(BaseModel):
    """Section `alignment.judging` and what a judge's model depends on."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    judging: Judging
    passages: int
    language: str
    prompt_texts: dict[str, Any] | None = None
    dtype: Dtype
    load_in_4bit: Rounding


class StabilityInputs(TrainInputs):
    """Payload `repeat_training`: a training with each of `seeds`, `steps` long."""

    seeds: list[int] = Field(min_length=2, max_length=10)
    steps: int = Field(gt=1)

    def training(self) -> TrainInputs:
        return TrainInputs(**{name: getattr(self, name) for name in TrainInputs.model_fields})
