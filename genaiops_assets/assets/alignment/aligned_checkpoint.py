"""Asset `aligned_checkpoint`: what a model plan leads to, and whether it loads and speaks."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import CheckInputs, Data, learned, method_of, read_plan
from genaiops_assets.assets.alignment.stage_checkpoints import reads_of_stage
from genaiops_assets.assets.alignment.training_stage import notice_of, spec_of, trained
from genaiops_assets.lake import digest_of
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def aligned_checkpoint_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"huggingface", "pytorch"},
        reads=reads_of_stage(uc, uc.alignment.method),
        parts=["model_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="annex-XI.1.2",
        description="The tuned checkpoint of a model version: a LoRA adapter in safetensors and the log of its "
        "training.",
    )
    def aligned_checkpoint(making: Making) -> dg.MaterializeResult:
        return trained(making, read_plan(making.lake, uc, making.partition).training.method)

    @check(
        uc,
        "aligned_checkpoint",
        blocking=True,
        partitions_def=versions,
        description="The checkpoint loads from its published files, speaks, and its loss is finite.",
    )
    def checkpoint_reloads(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        plan = read_plan(lake, uc, version)
        checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
        spec = spec_of(lake, uc, plan, checkpoint)
        inputs = CheckInputs(model=spec, question=uc.purpose.summary)
        key = digest_of(["check", checkpoint.digest])
        with lake.work(key) as place:
            config = plan.training.stage(plan.training.method)
            found = platform.launch(context, uc, place, "check_checkpoint", inputs.to_json(), config)
            lake.forget_scratch(key)
        return data_gate(
            found["characters"] > 0 and found["loss"] is not None and not found["problems"],
            characters_generated=found["characters"],
            loss=found["loss"] if found["loss"] is not None else "not finite",
            problems="; ".join(found["problems"]) or "none",
        )

    @check(
        uc,
        "aligned_checkpoint",
        partitions_def=versions,
        description="The training taught something: from its first half to its last the loss fell and, for preference "
        "pairs, the reward margin and its accuracy rose.",
    )
    def training_has_learned(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        method = method_of(read_plan(lake, uc, version).training.method)
        if method.data is Data.NOTHING:
            return notice(True, problems="none: this version is the base model, nothing was trained")
        log = lake.current(uc.key("aligned_checkpoint"), version).json("training_log.json")
        return notice_of(learned(log["history"], method.curves))

    learns = method_of(uc.alignment.method).data is not Data.NOTHING
    return [aligned_checkpoint, checkpoint_reloads, *([training_has_learned] if learns else [])]
