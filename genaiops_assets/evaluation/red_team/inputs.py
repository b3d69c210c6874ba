"""What the payload `attack_system` is given, typed: the asset writes it, the payload reads it.

Belongs here: those fields. Does not belong here: finding them in the lake (the asset), acting on them (the payload)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.use_case import Dtype, Rounding


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AttackInputs(_Strict):
    """`base`: path and digest of the base model; `adapter`: folder of the tuned adapter, None where the base model
    itself is served; `index`, `embedder`, `reranker`: as `retrieval.open_retriever` takes them; `prompts`: the texts
    around a question; `added`, `regressions`: attacks as `Attack.to_dict` writes them, the latter on top of the
    budget."""

    model_version: str
    base: dict[str, Any]
    adapter: str | None
    index: dict[str, Any]
    embedder: dict[str, Any]
    reranker: dict[str, Any] | None = None
    prompts: dict[str, Any]
    added: list[dict[str, Any]] = []
    regressions: list[dict[str, Any]] = []


class AttackSettings(_Strict):
    """`guards`: rules of `serving.guards`; `guard_policy`: what they are told; `also`: confidences that gates ask
    for besides `confidence`; `seeds`: digest of the packaged seeds."""

    budget: int
    max_new_tokens: int
    batch_size: int
    top_k: int
    language: str
    guards: tuple[str, ...]
    limit: float
    resamples: int
    confidence: float
    dtype: Dtype
    load_in_4bit: Rounding
    seeds: str
    also: tuple[float, ...] = ()
    guard_policy: dict[str, Any] = Field(default_factory=dict, exclude_if=lambda stated: not stated)
