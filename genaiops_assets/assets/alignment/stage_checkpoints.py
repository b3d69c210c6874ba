"""Assets of the stages before the last: `sft_checkpoint`, `dpo_checkpoint` …, and `reward_model`.

Belongs here: one asset and its checks a stage. Does not belong here: the last stage (`aligned_checkpoint.py`), or how a
stage is carried out (`training_stage.py`)."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import checkpoints_of, inputs_of_stage, learned, method_of, section_of
from genaiops_assets.assets.alignment.training_stage import notice_of, trained
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import REWARD_MODEL, UseCase

DESCRIPTIONS = {
    "sft": "Supervised fine-tuning on the chosen answers, before alignment.",
    "reward": "A reward model: it scores answers as people and judges did in the pairs, and tells the next stage "
    "which of its answers are better.",
}


def stage_checkpoint_assets(uc: UseCase) -> list[Any]:
    *before, _ = checkpoints_of(section_of(uc)).items()
    return [made for stage, asset in before for made in stage_assets(uc, stage, asset)]


def stage_assets(uc: UseCase, stage: str, asset: str) -> list[Any]:
    """The asset of one stage and the checks of its training."""
    versions, method = versions_of(uc), method_of(stage)

    @phase(uc, "alignment")(
        name=asset,
        kinds={"huggingface", "pytorch"},
        reads=reads_of_stage(uc, stage),
        parts=["model_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        description=DESCRIPTIONS.get(stage, f"{method.label}, a stage before the last of a model version's training."),
    )
    def checkpoint(making: Making) -> dg.MaterializeResult:
        return trained(making, stage)

    @check(
        uc,
        asset,
        name="sft_has_learned" if stage == "sft" else f"{stage}_has_learned",
        partitions_def=versions,
        description="This stage taught something: what its training minimises fell from the first half to the last.",
    )
    def has_learned(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        log = platform.lake.current(uc.key(asset), context.partition_key).json("training_log.json")
        return notice_of(learned(log["history"], method.curves))

    checks = [has_learned, *([beats_chance(uc)] if asset == REWARD_MODEL else [])]
    return [checkpoint, *checks]


def reads_of_stage(uc: UseCase, stage: str) -> dict[str, str]:
    """{name in the memo key: asset} of what a stage takes from those before it."""
    section = section_of(uc)
    assets = checkpoints_of(section)
    return {name: assets[other] for name, other in inputs_of_stage(section, stage).items()}


def beats_chance(uc: UseCase) -> Any:
    @check(
        uc,
        REWARD_MODEL,
        blocking=True,
        partitions_def=versions_of(uc),
        description="On pairs it was not trained on, the reward model prefers the better answer more often than a "
        "coin: the whole interval of its accuracy lies above one half.",
    )
    def reward_beats_chance(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        log = platform.lake.current(uc.key(REWARD_MODEL), context.partition_key).json("training_log.json")
        facts = log.get("facts", {})
        found = facts.get("held_out", {})
        shown = {name: found[name] for name in ("log_loss", "brier", "calibration_error") if name in found}
        low, high = (found.get("accuracy", {}).get(side, "not measured") for side in ("low", "high"))
        return data_gate(
            isinstance(low, float) and low > 0.5,
            pairs_held_out=facts.get("pairs_held_out", 0),
            accuracy_low=low,
            accuracy_high=high,
            longer_is_chosen=facts.get("longer_is_chosen", "not measured"),
            **shown,
        )

    return reward_beats_chance
