"""Asset `production_evaluation`: the released version judged by what is current, day by day, with a verdict of its
own."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.evaluation_plan import plan_before
from genaiops_assets.assets.evaluation.judge_validation import ASSET, limits_of_judges, standings
from genaiops_assets.assets.evaluation.judging import CODE, REPORT, evaluation_of, plan_of_today
from genaiops_assets.assets.release.further_reports import content_of, newest_further_reports
from genaiops_assets.evaluation import apply_gates, gate_rows, rule_set, verdict
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.gates import refusal
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, days_of, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import Criterion, UseCase

FILE = "production_evaluation.json"


def production_evaluation_assets(uc: UseCase) -> list[Any]:
    days = days_of(uc)

    @phase(uc, "monitoring")(
        kinds={"json", "huggingface"},
        reads={
            "golden": "golden_set",
            "criteria": "success_criteria",
            "index": "embeddings_index",
            **({ASSET: ASSET} if uc.evaluation.judges else {}),
        },
        parts=["prompts", "production_model"],
        partitions_def=days,
        automation_condition=None,
        pool=TRAINING_POOL,
        article="article-72",
        code_version=CODE,
        description="The released version with today's golden questions, criteria and index: report and verdict of "
        "that "
        "day. It raises a check and touches neither the version's own report nor its approval.",
    )
    def production_evaluation(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        now = production_release(lake, uc)
        if now is None:
            raise refusal("nothing is in production")
        version = now.model_version
        before = plan_before(lake, uc, version)
        topics = before.new_topics if before else None
        judged_by = plan_of_today(lake, uc, version, topics)
        evaluation = evaluation_of(making, version, judged_by)
        criteria = making.read("success_criteria", judged_by.criteria.digest)
        judged_by_record = standings(uc, making.read_if_there(ASSET) if uc.evaluation.judges else None)
        making.take("golden_set", judged_by.golden.digest)
        making.take("embeddings_index", judged_by.index.digest)
        others = newest_further_reports(lake, uc, version)

        def build(place: Workplace) -> Built:
            built = evaluation.build(place)
            report = json.loads((place.staging / REPORT).read_text())
            gates = [Criterion(**gate) for gate in criteria.json("criteria.json")["gates"]]
            contents = {a: content_of(r, a) for a, r in others.items()}
            results = apply_gates(gates, report, others=contents, judges=judged_by_record)
            content = {
                "schema_version": 1,
                "model_version": version,
                "evaluation_plan": judged_by.model_dump(mode="json"),
                "verdict": verdict(results),
                "gates": [r.to_dict() for r in results],
                "rules": rule_set(),
            }
            write_json(place.staging / FILE, content)
            figures = {"model_version": version, "verdict": content["verdict"], **built.figures}
            return Built(figures, {"gates": gate_rows(results), **built.tables}, built.snapshots)

        also = {**evaluation.inputs, **{asset: report.digest for asset, report in others.items()}}
        return making.produce(build, config=evaluation.config | limits_of_judges(uc), also=also, seed=evaluation.seed)

    @check(
        uc,
        "production_evaluation",
        partitions_def=days,
        description="The released version still passes the gates as they are now.",
    )
    def production_still_passes(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("production_evaluation"), context.partition_key).json(FILE)
        failed = [gate["id"] for gate in found["gates"] if gate["status"] == "fail"]
        return data_gate(
            found["verdict"] != "no_go",
            verdict=found["verdict"],
            model_version=found["model_version"],
            failed_gates=", ".join(failed) or "none",
        )

    return [production_evaluation, production_still_passes]
