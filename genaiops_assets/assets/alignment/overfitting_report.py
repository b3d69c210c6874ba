"""Asset `overfitting_report`: what a training learned beyond its rows, and what it learned by heart."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    LearningInputs,
    SnapshotRef,
    overfit_problem,
    read_plan,
    recital_problem,
)
from genaiops_assets.assets.alignment.training_stage import spec_of
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import Workplace
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

REPORT = "overfitting_report.json"


def overfitting_report_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"huggingface", "json"},
        reads={"checkpoint": "aligned_checkpoint", "golden": "golden_set"},
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        smactr="testing",
        article="article-15.1",
        description="Loss of a token on rows trained on and on rows never seen, before and after, with intervals; "
        "training rows that the model recites without their passage; canaries where the use case has some.",
    )
    def overfitting_report(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        plan = read_plan(lake, uc, version)
        training = plan.training
        checkpoint, golden = making.read("aligned_checkpoint", partition=version), making.read("golden_set")
        pairs = lake.artifacts.get(uc.key("preference_pairs"), training.pairs.digest)
        limit = uc.evaluation.limit_per_split
        config = training.stage(training.method) | ({"probed_rows": limit} if limit else {})

        def build(place: Workplace) -> Built:
            spec = spec_of(lake, uc, plan, checkpoint)
            inputs = LearningInputs(
                model=spec,
                pairs=SnapshotRef(**pairs.snapshot(uc.key("preference_pairs")).to_dict()),
                left_out=training.pairs.left_out,
                golden=[i for i in golden.json("golden.json")["items"] if i["split"] == "dev"],
            )
            making.launch(place, "probe_learning", inputs.to_json(), config, seed=training.seed)
            report = json.loads((place.staging / REPORT).read_text())
            changes = {f"{name}, after less before": report[name]["change"] for name in ("trained", "unseen")}
            draw_intervals(
                place.staging / "views/loss.png",
                f"Loss of a token of {version}",
                {**changes, "never seen less trained on": report["gap"]},
                zero=True,
            )
            return built(report)

        also = {"base": training.base.digest, "pairs": pairs.digest}
        return making.produce(build, config=config, also=also, seed=training.seed)

    def report_of(platform: Platform, version: str) -> dict[str, Any]:
        return platform.lake.current(uc.key("overfitting_report"), version).json(REPORT)

    @check(
        uc,
        "overfitting_report",
        partitions_def=versions,
        description="What the training never saw did not become less likely.",
    )
    def no_overfitting(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = report_of(platform, context.partition_key)
        problem = overfit_problem(report)
        shown = {"gap": str(report["gap"]), "change_on_unseen": str(report["unseen"]["change"])}
        return notice(not problem, problem=problem or "none", unseen_is=report["unseen_is"], **shown)

    @check(
        uc,
        "overfitting_report",
        partitions_def=versions,
        description="The model does not recite its training rows without their passage, and no canary's made-up code "
        "is the likeliest of all.",
    )
    def nothing_by_heart(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = report_of(platform, context.partition_key)
        problem = recital_problem(report)
        recited = ", ".join(report["recital"]["ids"][:20]) or "none"
        return notice(not problem, problem=problem or "none", recited_rows=recited, canaries=len(report["canaries"]))

    return [overfitting_report, no_overfitting, nothing_by_heart]


def built(report: dict[str, Any]) -> Built:
    rows = [
        {"rows": name, "read": side["rows"], "base": side["base"], "tuned": side["tuned"], **bounds(side["change"])}
        for name, side in (("trained on", report["trained"]), ("never seen", report["unseen"]))
    ]
    figures = {
        "gap": "not measured" if report["gap"]["mean"] is None else report["gap"]["mean"],
        "never_seen_is": report["unseen_is"],
        "recited": report["recital"]["tuned"],
        "recited_by_base": report["recital"]["base"],
        "recital_rows": report["recital"]["rows"],
    }
    return Built(figures, {"loss of a token": rows, "canaries": report["canaries"]})


def bounds(change: dict[str, Any]) -> dict[str, Any]:
    return {"change": change["mean"], "low": change["low"], "high": change["high"]}
