"""Asset `release_bundle`: what answers with a model version, each part by digest."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import plan_of
from genaiops_assets.evaluation import evaluation_plan_of
from genaiops_assets.governance.release import Bundle
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.use_case import UseCase


def release_bundle_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "release")(
        kinds={"json"},
        deps=["aligned_checkpoint", "model_plan", "evaluation_plan", "embeddings_index", "prompts"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-13.3",
        description="Checkpoint, prompts, index policy, search and generation settings of a version, each by digest. What "
        "is approved is the bundle; what answers loads it and refuses one that does not verify.",
    )
    def release_bundle(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake, version = platform.lake, context.partition_key
        plan, content = plan_of(lake, uc, version)
        checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
        judged_with = evaluation_plan_of(lake, uc, version).index.digest
        index, prompts = lake.artifacts.get(uc.key("embeddings_index"), judged_with), lake.current(uc.key("prompts"))
        training = content["training"]
        bundle = Bundle(
            use_case=uc.name,
            model_version=version,
            plan={"digest": plan.digest},
            checkpoint={"digest": checkpoint.digest},
            base={
                "ref": training["base"]["ref"],
                "digest": training["base"]["digest"],
                "dtype": training["dtype"],
                "load_in_4bit": training["load_in_4bit"],
            },
            prompts={"digest": prompts.digest, "texts": prompts.json("prompts.json")},
            index={
                "policy": uc.knowledge.release_policy,
                "digest": index.digest,
                "embedder": index.json("index.json")["embedder"]["digest"],
            },
            search={"mode": uc.knowledge.search, "top_k": uc.knowledge.top_k},
            generation={"max_new_tokens": uc.evaluation.max_new_tokens, "seed": uc.alignment.seed},
        )

        def build(place: Workplace) -> Built:
            written = bundle.model_dump(mode="json")
            write_json(place.staging / "release_bundle.json", written)
            rows = [{"part": k, "value": str(v)} for k, v in written.items() if k != "prompts"]
            figures = {"model_version": version, "index_policy": bundle.index.policy, "engine": bundle.engine}
            return Built(figures, {"parts": rows})

        inputs = {
            "aligned_checkpoint": checkpoint.digest,
            "model_plan": plan.digest,
            "prompts": prompts.digest,
            "embeddings_index": index.digest,
        }
        return produce(
            context,
            platform,
            uc,
            "release_bundle",
            inputs=inputs,
            config=bundle.model_dump(mode="json", include={"search", "generation", "guards", "engine"})
            | {"policy": bundle.index.policy},
            code_version="1",
            build=build,
            partition=version,
        )

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
        trained = plan_of(lake, uc, version)[1]["training"]["prompts"]
        bundled = lake.current(uc.key("prompts")).summary["figures"]["version"]
        return notice(trained == bundled, trained_with=str(trained), bundled=str(bundled))

    return [release_bundle, prompts_are_those_trained_with]
