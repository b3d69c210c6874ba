"""Sections `model` and `alignment` of the use case file, and where a preference pair may come from.

Belongs here: the fields. Does not belong here: which of them a training method uses (`methods.py`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from genaiops_assets.use_case.base import Ref, Strict

Dtype = Literal["float32", "bfloat16"]


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


class Lora(Strict):
    r: int = Field(default=8, gt=0)
    alpha: int = Field(default=16, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: Literal["all-linear"] | list[str] = "all-linear"


class Sft(Strict):
    steps: int = Field(default=0, ge=0, description="0 switches supervised fine-tuning before alignment off")
    learning_rate: float = Field(default=2e-4, gt=0)
    batch_size: int = Field(default=4, gt=0)


class Pairs(Strict):
    """How preference pairs are made from the corpus and the model itself."""

    count: int = Field(default=64, ge=0, description="made from the corpus; 0 where people write enough themselves")
    min_margin: float = Field(default=0.1, ge=0, description="the judge's score of chosen minus rejected")
    max_new_tokens: int = Field(default=48, gt=0)
    passages: int = Field(
        default=1, ge=1, description="passages shown with a question in training; more cost memory and time"
    )


class Stability(Strict):
    """The same training with several seeds, each of so many steps."""

    seeds: int = Field(default=3, ge=2, le=10)
    steps: int = Field(default=4, ge=2)


class Alignment(Strict):
    method: str = Field(default="dpo", description="dpo, sft, none, or a method of an installed distribution")
    external_checkpoint: Ref | None = Field(default=None, description="reference of a checkpoint tuned elsewhere")
    demonstrations: str | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="id, question, answer, documents: how people answer, a jsonl file in the use case folder",
    )
    sft: Sft = Sft()
    pairs: Pairs = Pairs()
    lora: Lora = Lora()
    steps: int = Field(default=24, gt=0)
    batch_size: int = Field(default=2, gt=0)
    learning_rate: float = Field(default=5e-5, gt=0)
    beta: float = Field(default=0.1, gt=0)
    max_length: int = Field(
        default=512, gt=0, description="tokens of prompt and answer; longer pairs are left out and counted"
    )
    seed: int = 17
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
