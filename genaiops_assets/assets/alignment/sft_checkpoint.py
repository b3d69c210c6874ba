"""Asset `sft_checkpoint`: supervised fine-tuning before alignment, where the use case asks for it."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import has_sft, learned
from genaiops_assets.assets.alignment.training_stage import notice_of, trained
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def sft_checkpoint_assets(uc: UseCase) -> list[Any]:
    if not has_sft(uc):
        return []
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"huggingface", "pytorch"},
        parts=["model_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        description="Supervised fine-tuning on the chosen answers, before alignment.",
    )
    def sft_checkpoint(making: Making) -> dg.MaterializeResult:
        return trained(making, -2)

    @check(
        uc,
        "sft_checkpoint",
        partitions_def=versions,
        description="The supervised steps taught something: the loss of the last half is below that of the first.",
    )
    def sft_has_learned(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        log = platform.lake.current(uc.key("sft_checkpoint"), context.partition_key).json("training_log.json")
        return notice_of(learned(log["history"], ("loss",)))

    return [sft_checkpoint, sft_has_learned]
