"""What the payloads of alignment are given: one model each, filled in by the asset and read by the payload.

Belongs here: the shape of inputs and config. Does not belong here: what a payload does with them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.lake import Snapshot
from genaiops_assets.models import BaseModelFiles, ModelSpec
from genaiops_assets.use_case import Dtype


class Inputs(BaseModel):
    """Base: unknown names are refused, so a typo shows before the work begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


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
    people asked; index, embedder and reranker as `open_retriever` takes them."""

    corpus: SnapshotRef
    base: BaseModelFiles
    index: dict[str, Any]
    embedder: dict[str, Any]
    reranker: dict[str, Any] | None
    golden: list[dict[str, Any]]
    feedback: list[dict[str, str]]
    observed: list[str]
    demonstrations: list[dict[str, Any]] = []


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
    load_in_4bit: bool
    compares: bool = True


class TrainInputs(Inputs):
    """Payload `train_model`. `start`: local folder of the adapter of the stage before, or None."""

    base: BaseModelFiles
    pairs: SnapshotRef
    start: str | None = None


class StabilityInputs(TrainInputs):
    """Payload `repeat_training`: a training with each of `seeds`, `steps` long."""

    seeds: list[int] = Field(min_length=2, max_length=10)
    steps: int = Field(gt=1)

    def training(self) -> TrainInputs:
        return TrainInputs(base=self.base, pairs=self.pairs, start=self.start)
