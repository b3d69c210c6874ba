"""What the payload `measure_losses` is given, typed: the asset writes it, the payload reads it.

Belongs here: those fields. Does not belong here: finding them in the lake (the asset), acting on them (the payload)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from genaiops_assets.use_case import Dtype, Rounding


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnsweredTwice(_Strict):
    """One question of a suite with what base and tuned model answered behind the same passages, given by their ids in
    the index."""

    suite: str
    item: str
    question: str
    passages: tuple[str, ...]
    base: str
    tuned: str


class LossInputs(_Strict):
    """`base`: path and digest of the base model; `adapter`: local folder of what was tuned; `pairs`, `index`: snapshots
    of the tables the training learned from and the passages stand in; `prompts`: the texts around a question, None for
    the packaged ones."""

    model_version: str
    base: dict[str, Any]
    adapter: str
    pairs: dict[str, Any]
    index: dict[str, Any]
    answers: list[AnsweredTwice]
    prompts: dict[str, Any] | None = None


class LossSettings(_Strict):
    """`max_new_tokens`: where answers were cut off. `of_each`: how many texts and questions of each language are read;
    None for all."""

    language: Literal["en", "zh"]
    max_new_tokens: int
    confidence: float
    resamples: int
    dtype: Dtype
    load_in_4bit: Rounding
    of_each: int | None = None
