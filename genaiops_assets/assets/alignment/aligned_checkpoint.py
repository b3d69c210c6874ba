"""Assets `sft_checkpoint` and `aligned_checkpoint`: what a training plan leads to."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.alignment import has_sft, plan_of
from genaiops_assets.evidence import plots
from genaiops_assets.lake import Artifact, Lake, Snapshot, Workplace, digest_of, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.use_case import UseCase


def base_inputs(lake: Lake, uc: UseCase, plan: dict[str, Any]) -> dict[str, Any]:
    """The base model as payloads take it, the bytes still those of the plan. Raises PermanentFailure when they changed."""
    found = lake.resolve(plan["training"]["base"]["ref"], uc.folder)
    if found.digest != plan["training"]["base"]["digest"]:
        raise PermanentFailure(
            f"{found.ref} is not the model of this plan any more (digest {found.digest[:12]}, plan "
            f"{plan['training']['base']['digest'][:12]})"
        )
    return asdict(found)


def adapter_of(checkpoint: Artifact) -> str | None:
    """Where the adapter lies as a local folder; None for a checkpoint that is the base model itself."""
    adapter = checkpoint.local("adapter")
    return str(adapter) if adapter.exists() else None


def training_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")
    versions = versions_of(uc)

    @asset(
        kinds={"huggingface", "pytorch"},
        deps=["model_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        description="Supervised fine-tuning on the chosen answers, before alignment.",
    )
    def sft_checkpoint(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        plan = plan_of(platform.lake, uc, context.partition_key)[1]
        return trained(
            context,
            platform,
            uc,
            "sft_checkpoint",
            plan,
            {**plan["training"], **plan["training"]["sft"], "method": "sft"},
            None,
        )

    @asset(
        kinds={"huggingface", "pytorch"},
        deps=["model_plan", *(["sft_checkpoint"] if has_sft(uc) else [])],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="annex-XI.1.2",
        description="The tuned checkpoint of a model version: a LoRA adapter in safetensors and the log of its "
        "training.",
    )
    def aligned_checkpoint(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        version = context.partition_key
        plan = plan_of(platform.lake, uc, version)[1]
        start = (
            platform.lake.current(uc.key("sft_checkpoint"), version)
            if plan["training"]["sft"]["steps"] and plan["training"]["method"] == "dpo"
            else None
        )
        return trained(context, platform, uc, "aligned_checkpoint", plan, plan["training"], start)

    @check(
        uc,
        "aligned_checkpoint",
        blocking=True,
        partitions_def=versions,
        description="The checkpoint loads from its published files, speaks, and its loss is finite.",
    )
    def checkpoint_reloads(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        plan = plan_of(lake, uc, version)[1]
        checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
        told = {
            "base": base_inputs(lake, uc, plan),
            "adapter": adapter_of(checkpoint),
            "question": uc.purpose.summary,
        }
        config = {"dtype": uc.model.dtype, "load_in_4bit": uc.model.load_in_4bit, "language": uc.language}
        with lake.work(digest_of(["check", checkpoint.digest])) as place:
            found = platform.launch(context, uc, place, "check_checkpoint", told, config)
            lake.forget_scratch(digest_of(["check", checkpoint.digest]))
        return data_gate(
            found["characters"] > 0 and found["loss"] is not None,
            characters_generated=found["characters"],
            loss=found["loss"] or -1.0,
        )

    return [aligned_checkpoint, checkpoint_reloads, *([sft_checkpoint] if has_sft(uc) else [])]


def trained(
    context: Any,
    platform: Platform,
    uc: UseCase,
    name: str,
    plan: dict[str, Any],
    config: dict[str, Any],
    start: Artifact | None,
) -> dg.MaterializeResult:
    """One training from the plan alone; with method `none` the base model itself is the checkpoint."""
    lake, training = platform.lake, plan["training"]
    pairs = lake.artifacts.get(uc.key("preference_pairs"), training["pairs"]["digest"])
    inputs = {"base": training["base"]["digest"], "pairs": pairs.digest, "start": start.digest if start else ""}

    def build(place: Workplace) -> Built:
        if config["method"] == "none":
            write_json(place.staging / "checkpoint.json", {"method": "none", "base": training["base"]["digest"]})
            return Built({"method": "none"})
        snapshot: Snapshot = pairs.snapshot(uc.key("preference_pairs"))
        told = {
            "base": base_inputs(lake, uc, plan),
            "pairs": snapshot.to_dict(),
            "start": str(start.local("adapter")) if start else None,
        }
        made = platform.launch(context, uc, place, "train_model", told, config, seed=training["seed"])
        log = made["log"]
        write_json(
            place.staging / "checkpoint.json",
            {"method": config["method"], "base": training["base"]["digest"], "model_version": plan["model_version"]},
        )
        series = {
            k: [(h["step"], h[k]) for h in log["history"] if k in h]
            for k in ("loss", "rewards_margins", "rewards_accuracies")
        }
        plots.curves(
            place.staging / "views/training.png",
            f"{config['method'].upper()} of {plan['model_version']}",
            {k: v for k, v in series.items() if v},
            xlabel="step",
        )
        figures = {k: log[k] for k in ("method", "steps", "train_loss", "trainable_parameters", "final")}
        return Built(
            {**figures, "seconds": made["seconds"], "peak_memory_mb": made["peak_rss_bytes"] // 2**20},
            {"steps": log["history"]},
        )

    return produce(
        context,
        platform,
        uc,
        name,
        inputs=inputs,
        config=config,
        code_version=training["code_version"],
        seed=training["seed"],
        build=build,
        partition=context.partition_key,
    )
