"""Asset `eval_report`: what a model version makes of what it is judged by."""

from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.judging import CODE, REPORT, evaluation_of
from genaiops_assets.assets.evaluation.suite_checks import suite_checks
from genaiops_assets.evaluation import evaluation_plan_of
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def evaluation_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "evaluation")
    versions = versions_of(uc)

    @asset(
        kinds={"json", "huggingface"},
        reads={"checkpoint": "aligned_checkpoint"},
        parts=["evaluation_plan"],
        gates=["checkpoint_signature"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="article-15.1",
        code_version=CODE,
        description="Base and tuned model, with and without retrieval, on the golden questions: all four cells with "
        "paired intervals; search alone, and further suites; each answer is kept in `eval_outputs`. "
        "After drift also the quality on questions of the new topics, before and after the retraining.",
    )
    def eval_report(making: Making) -> dg.MaterializeResult:
        version = making.partition
        judged_by = evaluation_plan_of(making.lake, uc, version)
        evaluation = evaluation_of(making, version, judged_by)
        making.take("aligned_checkpoint", evaluation.inputs["checkpoint"])
        return making.produce(evaluation.build, config=evaluation.config, also=evaluation.inputs, seed=evaluation.seed)

    @check(
        uc,
        "eval_report",
        blocking=True,
        partitions_def=versions,
        description="Every golden question has one answer in every cell, none of them lost.",
    )
    def every_item_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        report = lake.current(uc.key("eval_report"), context.partition_key)
        document, rows = report.json(REPORT), report.snapshot(uc.key("eval_outputs")).rows
        golden = document["items"] * len(document["cells"])
        expected = document.get("answers", {"rows": golden})["rows"]
        return data_gate(rows == expected >= golden, answers=rows, expected=expected, golden_answers=golden)

    return [eval_report, every_item_answered, *suite_checks(uc)]
