"""Which version answers, as the bundle it was released with.

Belongs here: choosing the version, its bundle, and what is wrong with its approval now. Does not belong here: loading
the model (`answering.py`), moving production (`governance/release`)."""

from __future__ import annotations

from dataclasses import dataclass

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import (
    Bundle,
    approval_of,
    bundle_of,
    describe_bundle,
    ledger_problems,
    pointer_problem,
    production_release,
    refuse_broken_bundle,
    refuse_revoked,
    revocations,
    warning_of,
)
from genaiops_assets.lake import Lake
from genaiops_assets.models import prompts_of
from genaiops_assets.retrieval import reranker_of
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class ServedVersion:
    """The version that answers: the released one with the very bundle that was approved, else the newest, else the bare
    base model (no version, no bundle). `warning`: what people should know of its approval, "" when all is well."""

    version: str | None
    released: bool
    bundle: Bundle | None
    warning: str = ""


def choose_version(lake: Lake, uc: UseCase) -> ServedVersion:
    """Raises Refused when production pointer and ledger disagree, the bundle is not as published, or the released
    version was revoked: nothing is served then."""
    problems = ledger_problems(lake, uc.name) or [p for p in [pointer_problem(lake, uc)] if p]
    if problems:
        raise Refused(f"{problems[0]}; run genaiops verify")
    now = production_release(lake, uc)
    if now is not None:
        refuse_revoked(lake, uc, now.model_version)
        digests = now.digests
        bundle = (
            bundle_of(lake, uc, now.model_version, digests["release_bundle"]) if "release_bundle" in digests else None
        )
        bundle = bundle or assembled(
            lake, uc, now.model_version, plan=digests["model_plan"], checkpoint=digests["aligned_checkpoint"]
        )
        refuse_broken_bundle(lake, uc, bundle)
        return ServedVersion(now.model_version, True, bundle, warning_of(approval_of(lake, uc, now.model_version)))
    asset = uc.key("aligned_checkpoint")
    gone = revocations(lake, uc)
    heads = [(lake.heads.get(asset, v), v) for v in lake.heads.partitions(asset) if v not in gone]
    newest = max(((h["at"], v, h["digest"]) for h, v in heads if h), default=None)
    if newest is None:
        return ServedVersion(None, False, None)
    _, version, checkpoint = newest
    plan = lake.heads.digest(uc.key("model_plan"), version)
    bundle = bundle_of(lake, uc, version) or assembled(lake, uc, version, plan=plan, checkpoint=checkpoint)
    return ServedVersion(version, False, bundle, warning_of(approval_of(lake, uc, version)))


def assembled(lake: Lake, uc: UseCase, version: str, *, plan: str, checkpoint: str) -> Bundle:
    """A bundle of today's settings for a version that has none of its own: one that was never finished, or one that an
    earlier release of the platform made."""
    training = lake.artifacts.get(uc.key("model_plan"), plan).json("plan.json")["training"]
    index = lake.current(uc.key("embeddings_index"))
    prompts = prompts_of(uc)
    return describe_bundle(
        uc,
        version,
        plan=plan,
        checkpoint=checkpoint,
        training=training,
        prompts={"digest": prompts.digest, "texts": prompts.model_dump(mode="json")},
        reranker=reranker.digest if (reranker := reranker_of(lake, uc)) else "",
        index={"digest": index.digest, "embedder": index.json("index.json")["embedder"]["digest"]},
    )
