"""The release bundle: everything that answers with a model version, named by digest: checkpoint, prompts, index policy,
search settings, generation settings, guards, engine.

Belongs here: its form, finding the one of a version, and whether it is still what was published. Does not belong here:
loading it (`serving`). What answers loads a bundle and refuses one that does not verify.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Lake, gates_of, intact
from genaiops_assets.use_case import Rounding, UseCase


class Part(BaseModel):
    """Something in the bundle, by digest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digest: str


class Base(Part):
    ref: str
    dtype: str
    load_in_4bit: Rounding


class IndexPolicy(BaseModel):
    """`refreshed`: each newer index that passed its blocking checks answers; `pinned`: the one of `digest`, for
    ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Literal["refreshed", "pinned"]
    digest: str
    embedder: str


class Guard(Part):
    """A rule that stands between people and the model; `digest` of the code that carries it out."""

    name: str
    version: str
    stage: str


class Software(Part):
    """What was installed when the bundle was made: the environment that judged the version. `digest` of the sorted
    list of `name==version`, which stands line by line in `software.lock` beside the bundle."""

    python: str
    packages: int


class Bundle(BaseModel):
    """`release_bundle.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    use_case: str
    model_version: str
    plan: Part
    checkpoint: Part
    base: Base
    prompts: dict[str, Any] = Field(description="the texts themselves, with their digest")
    index: IndexPolicy
    search: dict[str, Any] = Field(description="mode, passages, reranker and how many it reads")
    generation: dict[str, Any] = Field(description="tokens, seed, threads")
    guards: list[str] = Field(default_factory=list)
    guard_rules: list[Guard] = Field(default_factory=list, description="the guards by the digest of their code")
    guard_policy: dict[str, Any] = Field(
        default_factory=dict, exclude_if=lambda stated: not stated, description="what the guards are told"
    )
    marking: dict[str, Any] = Field(
        default_factory=dict, exclude_if=lambda stated: not stated, description="watermark and temperature of answers"
    )
    software: Software | None = Field(default=None, description="None in bundles of earlier versions")
    engine: str = "transformers"


def describe_bundle(
    uc: UseCase,
    version: str,
    *,
    plan: str,
    checkpoint: str,
    training: dict[str, Any],
    prompts: dict[str, Any],
    index: dict[str, str],
    reranker: str,
    guard_rules: Sequence[Mapping[str, str]] = (),
    guard_policy: Mapping[str, Any] | None = None,
    software: Mapping[str, Any] | None = None,
) -> Bundle:
    """The bundle of a version: weights by its plan, the rest as the use case has it. `prompts`: {digest, texts};
    `index`: {digest, embedder}; `reranker`: its digest, "" for none; `guard_rules`: {name, version, stage, digest} of
    each guard; `guard_policy`: what they are told, {} where nothing; `software`: {digest, python, packages}."""
    base = {"ref": training["base"]["ref"], "digest": training["base"]["digest"]}
    return Bundle.model_validate(
        {
            "use_case": uc.name,
            "model_version": version,
            "plan": {"digest": plan},
            "checkpoint": {"digest": checkpoint},
            "base": {**base, "dtype": training["dtype"], "load_in_4bit": training["load_in_4bit"]},
            "prompts": prompts,
            "index": {"policy": uc.knowledge.release_policy, **index},
            "search": {
                "mode": uc.knowledge.search,
                "top_k": uc.knowledge.top_k,
                "reranker": uc.knowledge.reranker,
                "rerank_depth": uc.knowledge.rerank_depth,
                "reranker_digest": reranker,
            },
            "guards": list(uc.serving.guards),
            "guard_rules": list(guard_rules),
            "guard_policy": dict(guard_policy or {}),
            "marking": marking_of(uc),
            "software": software,
            "generation": {"max_new_tokens": uc.evaluation.max_new_tokens, "seed": uc.alignment.seed},
        }
    )


def marking_of(uc: UseCase) -> dict[str, Any]:
    """{watermark, temperature} as the use case has them; {} without a watermark, which changes no older digest."""
    stated = uc.serving.marking
    return {} if stated.watermark == "none" else {"watermark": stated.watermark, "temperature": stated.temperature}


def bundle_of(lake: Lake, uc: UseCase, version: str, digest: str | None = None) -> Bundle | None:
    """The bundle of a version, the one of `digest` where given; None when none was made (a home of an earlier version
    of the platform). Raises Refused naming the file when it is not as published."""
    asset = uc.key("release_bundle")
    head = lake.heads.get(asset, version)
    wanted = digest or (head["digest"] if head else None)
    if wanted is None:
        return None
    if problems := intact(lake, asset, wanted):
        raise Refused(f"the release bundle of {version} does not verify: {'; '.join(problems)}; run genaiops verify")
    bundle = Bundle.model_validate(lake.artifacts.get(asset, wanted).json("release_bundle.json"))
    if (bundle.use_case, bundle.model_version) != (uc.name, version):
        raise Refused(f"the bundle filed under {version} is one of {bundle.use_case} {bundle.model_version}")
    return bundle


def refuse_broken_bundle(lake: Lake, uc: UseCase, bundle: Bundle) -> None:
    """Raises Refused naming a part that is not as published."""
    parts = {"model_plan": bundle.plan.digest, "aligned_checkpoint": bundle.checkpoint.digest}
    problems = [problem for name, digest in parts.items() for problem in intact(lake, uc.key(name), digest)]
    if problems:
        raise Refused(
            f"the release of {bundle.model_version} does not verify: {'; '.join(problems)}; run genaiops verify"
        )


def index_for(lake: Lake, uc: UseCase, bundle: Bundle) -> str:
    """Digest of the index that answers: by policy the one the version was judged with, or the newest that passed its
    blocking checks and is searched in the same way by the same embedder."""
    asset = uc.key("embeddings_index")
    newest = lake.heads.digest(asset)
    if bundle.index.policy == "pinned" or newest == bundle.index.digest:
        return bundle.index.digest
    facts = lake.artifacts.get(asset, newest).json("index.json")
    same_way = facts["search"]["mode"] == bundle.search["mode"] and facts["embedder"]["digest"] == bundle.index.embedder
    passed = all(gates_of(lake, asset, newest).values())
    return newest if same_way and passed else bundle.index.digest
