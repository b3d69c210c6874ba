"""Asset `release_bundle`: what answers with a model version, each part by digest."""

import sys
from typing import Any

import dagster as dg

from genaiops_assets.alignment import library_lock, plan_of
from genaiops_assets.evaluation import evaluation_plan_of
from genaiops_assets.governance.release import describe_bundle
from genaiops_assets.lake import Artifact, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.reasoning import policies_of
from genaiops_assets.retrieval import reranker_of
from genaiops_assets.serving import described_guards, guard_policy_of
from genaiops_assets.use_case import UseCase


def release_bundle_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "release")(
        kinds={"json"},
        reads=["aligned_checkpoint", "model_plan", "embeddings_index", "prompts"],
        parts=["evaluation_plan", *signed_rules_of(uc)],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-13.3",
        description="Checkpoint, prompts, index policy, search and generation settings of a version, its guards by the "
        "digest of their code and the installed software, each by digest. What is approved is the bundle; what answers "
        "loads it and refuses one that does not verify.",
    )
    def release_bundle(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        artifact, plan = plan_of(lake, uc, version)
        checkpoint = making.read("aligned_checkpoint", partition=version)
        making.take("model_plan", artifact.digest)
        judged_with = evaluation_plan_of(lake, uc, version).index.digest
        index, prompts = making.read("embeddings_index", judged_with), making.read("prompts")
        lock = library_lock()
        bundle = describe_bundle(
            uc,
            version,
            plan=artifact.digest,
            checkpoint=checkpoint.digest,
            training=plan.training.to_json(),
            prompts={"digest": prompts.digest, "texts": texts_in(prompts)},
            reranker=reranker.digest if (reranker := reranker_of(lake, uc)) else "",
            index={"digest": index.digest, "embedder": index.json("index.json")["embedder"]["digest"]},
            guard_rules=described_guards(uc.serving.guards),
            guard_policy=guard_policy_of(lake, uc).to_dict(),
            software={"digest": lock["sha256"], "python": platform_of(), "packages": len(lock["packages"])},
        )

        def build(place: Workplace) -> Built:
            written = bundle.model_dump(mode="json")
            write_json(place.staging / "release_bundle.json", written)
            (place.staging / "software.lock").write_text("\n".join([*lock["packages"], ""]), encoding="utf-8")
            rows = [{"part": k, "value": str(v)} for k, v in written.items() if k != "prompts"]
            figures = {
                "model_version": version,
                "index_policy": bundle.index.policy,
                "engine": bundle.engine,
                "guards": ", ".join(bundle.guards) or "none",
                "packages": len(lock["packages"]),
            }
            return Built(figures, {"parts": rows})

        settings = bundle.model_dump(
            mode="json", include={"search", "generation", "guards", "engine", "guard_rules", "guard_policy", "marking"}
        )
        return making.produce(build, config=settings | {"policy": bundle.index.policy})

    @check(
        uc,
        "release_bundle",
        partitions_def=versions,
        description="The prompts in the bundle are those the version was trained and evaluated with.",
    )
    def prompts_are_those_trained_with(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        trained = plan_of(lake, uc, version)[1].training.prompts
        bundled = lake.current(uc.key("prompts")).summary["figures"]["version"]
        return notice(trained == bundled, trained_with=str(trained), bundled=str(bundled))

    return [release_bundle, prompts_are_those_trained_with]


def signed_rules_of(uc: UseCase) -> list[str]:
    """The asset whose signed rules stand in the bundle, where a guard asks them."""
    return ["policy_rules"] if "answer_policy" in uc.serving.guards and policies_of(uc) else []


def platform_of() -> str:
    """`3.11.7`"""
    return ".".join(map(str, sys.version_info[:3]))


def texts_in(prompts: Artifact) -> dict[str, Any]:
    content = prompts.json("prompts.json")
    return {name: value for name, value in content.items() if name not in ("schema_version", "language")}
