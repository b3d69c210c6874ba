"""Sections `model` and `alignment` of the use case file, and where a preference pair may come from.

Belongs here: the fields. Does not belong here: which of them a training method uses (`methods.py`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, model_validator

from genaiops_assets.use_case.base import Ref, Strict
from genaiops_assets.use_case.training_presets import TrainingPreset

Dtype = Literal["float32", "bfloat16"]
# The form of a frozen base: False as it is, True NF4, or one of the others by name. Fields of this type are called
# `load_in_4bit`, as in the plans of before there were others.
Rounding = bool | Literal["nf4_double", "int8"]


class Origin(StrEnum):
    """Where a preference pair comes from."""

    CORPUS = "corpus"  # a fact of a document, worded as a question
    OBSERVED = "observed"  # a question people asked, answered by the model
    HUMAN = "human"  # a person's preference, from the feedback folder
    DEMONSTRATION = "demonstration"  # a person's answer, from the use case folder, and the model's own


class Model(Strict):
    base: Ref = Field(description="pkg:PACKAGE/FILE.gguf, dir:FOLDER or hub:NAME@COMMIT")
    license: str | None = Field(
        default=None,
        min_length=1,
        exclude_if=lambda stated: stated is None,
        description="SPDX id of the base model's licence, where its files state none",
    )
    dtype: Dtype = "float32"
    load_in_4bit: bool = Field(default=False, description="NF4 through bitsandbytes (QLoRA)")
    quantization: Literal["nf4", "nf4_double", "int8"] | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="the frozen base through bitsandbytes: nf4 (as load_in_4bit), nf4_double (its scales, too), int8",
    )
    candidates: list[Ref] = Field(
        default_factory=list,
        exclude_if=lambda stated: not stated,
        description="references of other base models, tried beside `base` on questions of the dev half (base_choice)",
    )

    @model_validator(mode="after")
    def is_rounded_once(self) -> Model:
        if self.load_in_4bit and self.quantization not in (None, "nf4"):
            raise ValueError(f"load_in_4bit is nf4, quantization says {self.quantization}: leave load_in_4bit out")
        return self

    @property
    def rounding(self) -> Rounding:
        if self.quantization is None or self.quantization == "nf4":
            return self.load_in_4bit or self.quantization == "nf4"
        return self.quantization


class Lora(Strict):
    r: int = Field(default=8, gt=0)
    alpha: int = Field(default=16, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: Literal["all-linear"] | list[str] = "all-linear"
    use_dora: bool = Field(
        default=False,
        exclude_if=lambda used: not used,
        description="DoRA: direction and length of the weights are trained apart (Liu et al. 2024)",
    )
    last_layers: int | None = Field(
        default=None,
        gt=0,
        exclude_if=lambda layers: layers is None,
        description="adapt only so many layers, those next to the answer: the others are read forward alone, which "
        "saves time and memory; all without it",
    )


class Sft(Strict):
    steps: int = Field(default=0, ge=0, description="0 switches supervised fine-tuning before alignment off")
    learning_rate: float = Field(default=2e-4, gt=0)
    batch_size: int = Field(default=4, gt=0)


class Pairs(Strict):
    """How preference pairs are made from the corpus and the model itself."""

    count: int = Field(default=64, ge=0, description="made from the corpus; 0 where people write enough themselves")
    min_margin: float = Field(default=0.1, ge=0, description="the judge's score of chosen minus rejected")
    max_new_tokens: int = Field(default=48, gt=0)
    best_of: int = Field(
        default=1,
        ge=1,
        le=64,
        exclude_if=lambda stated: stated == 1,
        description="answers the model draws for each question: the best against the worst, none of a document's own",
    )
    passages: int = Field(
        default=1, ge=1, description="passages shown with a question in training; more cost memory and time"
    )


class Stage(Strict):
    """One stage of a training. In a file: the method's name, or `NAME: {its settings}`."""

    method: str
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_the_file(cls, stated: Any) -> Any:
        if isinstance(stated, str):
            return {"method": stated}
        if isinstance(stated, dict) and len(stated) == 1 and "method" not in stated:
            [(method, settings)] = stated.items()
            return {"method": method, "settings": settings or {}}
        return stated


class Judging(Strict):
    """Which judge ranks answers for preference pairs, and what it must reach before it may."""

    judge: str = Field(
        default="overlap",
        description="overlap, nearness, likelihood, endpoint, or a judge of an installed distribution",
    )
    labelled: str | None = Field(
        default=None, description="pairs labelled by people, a jsonl file in any shape of a feedback file"
    )
    at_least: float = Field(default=0.6, gt=0, lt=1, description="accuracy on labelled pairs, at its lower 95 % bound")
    least_pairs: int = Field(default=30, ge=1)
    url: str = Field(default="", description="of judge endpoint, before /chat/completions")
    model: str = Field(default="", description="of judge endpoint")
    api_key_env: str = Field(default="", description="environment variable that holds the key of the endpoint")

    @model_validator(mode="after")
    def is_whole(self) -> Judging:
        if (self.judge == "endpoint") != bool(self.url and self.model):
            raise ValueError("url and model belong to judge: endpoint, which needs both")
        return self


class Stability(Strict):
    """The same training with several seeds, each of so many steps."""

    seeds: int = Field(default=3, ge=2, le=10)
    steps: int = Field(default=4, ge=2)


class Alignment(Strict):
    method: str = Field(default="dpo", description="dpo, sft, none, or a method of an installed distribution")
    # Not part of what is dumped: what it filled in stands in the other fields.
    preset: TrainingPreset | None = Field(
        default=None,
        exclude=True,
        description="settings for method and size of model, beneath what is stated here (`training_presets.py`)",
    )
    stages: list[Stage] = Field(
        default=[],
        exclude_if=lambda stated: not stated,
        description="methods carried out one after the other instead of one; each may state settings of its own",
    )
    external_checkpoint: Ref | None = Field(default=None, description="reference of a checkpoint tuned elsewhere")
    demonstrations: str | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="id, question, answer, documents: how people answer, a jsonl file in the use case folder",
    )
    sft: Sft = Sft()
    noise: Literal["remove", "keep"] = Field(
        default="remove",
        exclude_if=lambda stated: stated == "remove",
        description="what becomes of preferences that label_noise_report calls wrong; it needs 200 pairs to judge them",
    )
    pairs: Pairs = Pairs()
    judging: Judging | None = Field(default=None, exclude_if=lambda stated: stated is None)
    lora: Lora = Lora()
    steps: int = Field(default=24, gt=0)
    batch_size: int = Field(default=2, gt=0)
    learning_rate: float = Field(default=5e-5, gt=0)
    beta: float = Field(default=0.1, gt=0)
    max_length: int = Field(
        default=512, gt=0, description="tokens of prompt and answer; longer pairs are left out and counted"
    )
    seed: int = 17
    held_out: float = Field(
        default=0,
        ge=0,
        le=0.5,
        exclude_if=lambda stated: not stated,
        description="share of the documents whose pairs no training sees, to measure overfitting on",
    )
    canaries: int = Field(
        default=0,
        ge=0,
        le=16,
        exclude_if=lambda stated: not stated,
        description="rows with a made-up code added to a training, to measure what it remembers of a single row",
    )
    stability: Stability | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="repeat a short training with several seeds, to tell a gain from noise; costs that many trainings",
    )
    settings: dict[str, Any] = Field(
        default_factory=dict,
        exclude_if=lambda stated: not stated,
        description="settings of a method that is not one of ours",
    )

    @model_validator(mode="before")
    @classmethod
    def _last_stage_names_the_method(cls, stated: Any) -> Any:
        if not isinstance(stated, dict) or "method" in stated or not isinstance(stated.get("stages"), list):
            return stated
        *_, last = stated["stages"] or [None]
        name = Stage.model_validate(last).method if last is not None else None
        return {**stated, "method": name} if name else stated
