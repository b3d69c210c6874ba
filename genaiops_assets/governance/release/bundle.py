"""The release bundle: everything that answers with a model version, named by digest: checkpoint, prompts, index policy,
search settings, generation settings, guards, engine.

Belongs here: its form, finding the one of a version, and whether it is still what was published. Does not belong here:
loading it (`serving`). What answers loads a bundle and refuses one that does not verify.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Lake, gates_of, intact
from genaiops_assets.use_case import UseCase


class Part(BaseModel):
    """Something in the bundle, by digest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digest: str


class Base(Part):
    ref: str
    dtype: str
    load_in_4bit: bool


class IndexPolicy(BaseModel):
    """`refreshed`: each newer index that passed its blocking checks answers; `pinned`: the one of `digest`, for ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Literal["refreshed", "pinned"]
    digest: str
    embedder: str


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
    search: dict[str, Any] = Field(description="mode, passages, reranker")
    generation: dict[str, Any] = Field(description="tokens, seed, threads")
    guards: list[str] = Field(default_factory=list)
    engine: str = "transformers"


def bundle_of(lake: Lake, uc: UseCase, version: str, digest: str | None = None) -> Bundle | None:
    """The bundle of a version, the one of `digest` where given; None when none was made (a home of an earlier version of
    the platform). Raises Refused naming the file when it is not as published."""
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
    """Digest of the index that answers: by policy the pinned one, or the newest that no blocking check refused. Raises
    Refused when none may answer."""
    asset = uc.key("embeddings_index")
    if bundle.index.policy == "pinned":
        return bundle.index.digest
    newest = lake.heads.digest(asset)
    failed = sorted(name for name, passed in gates_of(lake, asset, newest).items() if not passed)
    if failed and newest != bundle.index.digest:
        return bundle.index.digest  # what was approved answers until the newer one passes
    if failed:
        raise Refused(f"the index did not pass {', '.join(failed)}: genaiops run makes it anew")
    return newest
