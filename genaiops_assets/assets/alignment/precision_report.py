"""Asset `precision_report`: what merging the adapter and four bits change about a checkpoint."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    PrecisionInputs,
    SnapshotRef,
    four_bit_problem,
    merging_problem,
    read_plan,
)
from genaiops_assets.assets.alignment.training_stage import spec_of
from genaiops_assets.lake import Workplace
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
REPORT = "precision_report.json"
FORMS = ("full", "merged", "four_bit")  # in the order people read them


def precision_report_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"huggingface", "json"},
        reads={"checkpoint": "aligned_checkpoint"},
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        smactr="testing",
        article="annex-XI.1.2",
        code_version=CODE,
        description="The checkpoint in full precision, with its adapter merged, and on a base in four bits (NF4): "
        "differences of logits, perplexity, bytes and speed.",
    )
    def precision_report(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        plan = read_plan(lake, uc, version)
        training = plan.training
        checkpoint = making.read("aligned_checkpoint", partition=version)
        pairs = lake.artifacts.get(uc.key("preference_pairs"), training.pairs.digest)
        config = training.stage(training.method)

        def build(place: Workplace) -> Built:
            spec = spec_of(lake, uc, plan, checkpoint)
            inputs = PrecisionInputs(
                model=spec,
                pairs=SnapshotRef(**pairs.snapshot(uc.key("preference_pairs")).to_dict()),
                text=uc.purpose.summary,
            )
            made = making.launch(place, "compare_precisions", inputs.to_json(), config, seed=training.seed)
            return built(json.loads((place.staging / REPORT).read_text()), made["ms_a_token"])

        also = {"base": training.base.digest, "pairs": pairs.digest}
        return making.produce(build, config=config, also=also, seed=training.seed)

    @check(
        uc,
        "precision_report",
        partitions_def=versions,
        description="The merged checkpoint, where it is what answers, says what the adapter beside its base says: no "
        "logit differs by more than the stated tolerance.",
    )
    def merging_changes_nothing(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("precision_report"), context.partition_key).json(REPORT)
        problem = merging_problem(report)
        merged = report["differences"].get("merged", {})
        return notice(
            not problem,
            problem=problem or "none",
            merged_is_served=report["merged_is_served"],
            max_logit_difference=shown(merged.get("max_logit_difference")),
            same_token=shown(merged.get("same_token")),
        )

    @check(
        uc,
        "precision_report",
        partitions_def=versions,
        description="Four bits, where the plan uses them, leave the perplexity of the answers near that of full "
        "precision.",
    )
    def four_bits_keep_quality(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("precision_report"), context.partition_key).json(REPORT)
        problem = four_bit_problem(report)
        found = report["differences"]["four_bit"]
        return notice(
            not problem,
            problem=problem or "none",
            plan_uses_four_bits=report["load_in_4bit"],
            perplexity_ratio=shown(found["perplexity_ratio"]),
            bytes_ratio=found["bytes_ratio"],
        )

    return [precision_report, merging_changes_nothing, four_bits_keep_quality]


def built(report: dict[str, Any], ms_a_token: dict[str, float]) -> Built:
    """Figures and the table of forms. Speed stands here alone: what is hashed must not hold time."""
    compared, forms = report["differences"], [name for name in FORMS if name in report["forms"]]
    slower = {name: round(ms_a_token[name] / ms_a_token["full"], 3) for name in forms}
    rows = [
        {
            "form": name,
            **report["forms"][name],
            "ms_a_token": ms_a_token[name],
            "ms_ratio": slower[name],
            **compared.get(name, {}),
        }
        for name in forms
    ]
    figures = {
        "max_logit_difference_merged": compared.get("merged", {}).get("max_logit_difference"),
        "perplexity": report["forms"]["full"]["perplexity"],
        "perplexity_ratio_four_bit": compared["four_bit"]["perplexity_ratio"],
        "bytes_ratio_four_bit": compared["four_bit"]["bytes_ratio"],
        "ms_ratio_four_bit": slower["four_bit"],
    }
    return Built({name: shown(value) for name, value in figures.items()}, {"forms": rows})


def shown(value: float | None) -> float | str:
    return "not measured" if value is None else value
