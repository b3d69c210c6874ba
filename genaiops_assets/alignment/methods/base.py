"""What a training method is: its settings, the data it learns from, the stages it takes and the training itself.

Belongs here: the protocol and what passes through it. Does not belong here: any one method, or how models are loaded
and checkpoints are saved (the payload `train_model`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from genaiops_assets.models import Prompts
from genaiops_assets.use_case import Dtype, SettingProblem


class Data(StrEnum):
    """What a method reads of the preference pairs."""

    PAIRS = "pairs"  # prompt, chosen and rejected answer
    COMPLETIONS = "completions"  # prompt and chosen answer
    UNPAIRED = "unpaired"  # prompt, one answer, and whether people want it
    PROMPTS = "prompts"  # prompt alone
    NOTHING = "nothing"  # the checkpoint is the base model


class Settings(BaseModel):
    """Base of a method's settings: a field that bears the name of one in section `alignment` is taken from there, any
    other from `alignment.settings`."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Reference(Protocol):
    """Log-probabilities that were computed before, by pair (`alignment/reference.py`)."""

    @property
    def known(self) -> Mapping[str, tuple[float, float]]: ...

    def add(self, found: Mapping[str, tuple[float, float]]) -> None: ...


class Stages(Protocol):
    """Steps kept in `Task.folder` (`alignment/staging.py`)."""

    stop: bool

    def due(self) -> bool: ...

    def newest(self) -> Path | None: ...

    def seal(self, step: int) -> None: ...


class Watching(Protocol):
    """Follows a training while it runs (`alignment/runs/watching.py`)."""

    def resumed(self, history: Sequence[Mapping[str, Any]]) -> None: ...

    def begins(self, step: int, model: Any) -> None: ...

    def logged(self, step: int, total: int, figures: Mapping[str, Any]) -> bool: ...

    @property
    def is_good(self) -> bool: ...

    def refuse(self, model: Any) -> None: ...


@dataclass(frozen=True)
class Task:
    """One training, ready to begin. `rows`: preference pairs that fit, as `PAIRS` rows. `model`: the base model, or a
    PEFT model with the adapter of the stage before, to be trained further. `folder` is scratch. `progress(done, total)`
    is to be called after each optimizer step."""

    model: Any
    tokenizer: Any
    rows: list[dict[str, Any]]
    settings: Any
    prompts: Prompts
    dtype: Dtype
    seed: int
    folder: Path
    progress: Callable[[int, int], None]
    longest: int = 0  # tokens of the longest row; 0: unknown
    staging: Stages | None = None  # where finished steps are kept for a training that was stopped
    reference: Reference | None = None  # where log-probabilities under the reference model are remembered
    reward: Path | None = None  # folder of the adapter and head that stage `reward` published
    teacher: Path | None = None  # folder of a teacher model
    base: Path | None = None  # folder the model was loaded from, without any adapter
    watch: Watching | None = None  # is told of every step, and stops a training that leads nowhere


@dataclass(frozen=True)
class Trained:
    """A finished training: a PEFT model and, for each step, {"step": n, series: value}. `facts` are figures beside
    the steps, as JSON: they are published with the log."""

    model: Any
    history: list[dict[str, float]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


class OneStage:
    """What our methods of one stage share; those that make no adapter say otherwise."""

    name: str
    relation: str | None = "adapter"
    code_version = ""

    def stages(self, settings: Any) -> tuple[str, ...]:
        return (self.name,)


@runtime_checkable
class Method(Protocol):
    """A training method. Ours are listed in `use_case.METHODS`; another distribution offers one as an entry point of
    group `genaiops.methods` that names a class without arguments, or an object.

    A method may also have: `makes`, what comes out (`POLICY` unless it says so); `open(directory, *, dtype,
    load_in_4bit, seed)`, how the model it trains is loaded, where that is no causal language model; and
    `save(trained, scratch, out)`, which publishes something else than a LoRA adapter."""

    name: str
    label: str  # in titles of plots and progress
    data: Data
    settings: type[Settings]
    curves: tuple[str, ...]  # series of the history that are drawn
    relation: str | None  # the Hub's `base_model_relation` of what it makes; None: the base model itself
    code_version: str  # of a method from outside; "" for ours, which go by TRAINING_CODE

    def stages(self, settings: Any) -> tuple[str, ...]:
        """Methods that are carried out one after the other, this one last. Only `sft` may come before."""
        ...

    def problems(self, settings: Any) -> Iterable[SettingProblem]:
        """Settings that cannot work, or would be recorded without any effect."""
        ...

    def train(self, task: Task) -> Trained:
        """Train on this machine. Runs in the payload; raises PayloadError for what the user has to change."""
        ...
