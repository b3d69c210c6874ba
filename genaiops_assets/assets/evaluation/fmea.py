"""Assets `fmea` and `ethical_risk_chart`: how a model version can fail, from what it was measured to do."""

from typing import Any

import dagster as dg

from genaiops_assets.assets.scoping.risk_register import RED_TEAM, has_red_team
from genaiops_assets.evaluation import evaluation_plan_of
from genaiops_assets.governance.incidents import incident_log, seen_modes
from genaiops_assets.governance.risk import (
    Reports,
    build_chart,
    build_fmea,
    draw_chart,
    published_records,
    render_fmea,
)
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import Criterion, UseCase

GRAVE = 7  # a person acts on it and loses noticeably (`governance/risk/scales.yaml`)
FMEA, CHART = "fmea.json", "ethical_risk_chart.json"


def fmea_assets(uc: UseCase) -> list[Any]:
    asset, versions = phase(uc, "evaluation"), versions_of(uc)
    attacks = [RED_TEAM] if has_red_team(uc) else []

    @asset(
        kinds={"json"},
        reads=["risk_register", "eval_report", "success_criteria", *attacks],
        parts=["evaluation_plan"],
        gates=["test_plan", "checkpoint_signature", "overfitting_report"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-9.2",
        description="Failure modes and effects of a version: severity, occurrence recomputed from the upper ends of "
        "measured intervals, detection; Action Priority (AIAG-VDA 2019) with RPN beside it; which planned tests ran; "
        "actions. A severity of 9 or 10 without a finished action forbids the release.",
    )
    def fmea(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        register = making.read("risk_register").json("risk_register.json")
        report = making.read("eval_report", partition=version)
        judged_by = evaluation_plan_of(lake, uc, version)
        making.take("evaluation_plan", None)
        criteria = making.read("success_criteria", judged_by.criteria.digest)
        attacked = making.read_of_version(RED_TEAM) if attacks else None
        made = made_of(lake, uc, register, version)
        seen = seen_of(lake, uc)

        def build(place: Workplace) -> Built:
            analysis = build_fmea(register, version, reports_of(report, criteria, attacked, made, seen))
            write_json(place.staging / FMEA, analysis)
            (place.staging / "fmea.md").write_text(render_fmea(analysis), encoding="utf-8")
            return Built(figures_of(analysis), {"failure modes": fmea_rows(analysis)}, page="fmea.md")

        return making.produce(build, config={"assets_made": made, **({"seen": seen} if seen["modes"] else {})})

    @asset(
        kinds={"json"},
        reads=["fmea"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-9.2",
        description="Severity against likelihood of each class of risk, for its worst failure mode: filled where the "
        "likelihood was measured on this version, hollow where a person assumed it.",
    )
    def ethical_risk_chart(making: Making) -> dg.MaterializeResult:
        analysis = making.read("fmea", partition=making.partition).json(FMEA)

        def build(place: Workplace) -> Built:
            chart = build_chart(analysis)
            write_json(place.staging / CHART, chart)
            if chart["points"]:
                draw_chart(place.staging / "views/ethical risks.png", chart)
            shown = ("title", "severity", "likelihood", "source", "rating", "failure_mode", "evidence", "owner")
            rows = [{name: point[name] for name in shown} for point in chart["points"]]
            measured = sum(point["source"] == "measured" for point in chart["points"])
            return Built({"classes": len(rows), "measured": measured}, {"risks": rows})

        return making.produce(build, config={})

    @check(
        uc,
        "fmea",
        partitions_def=versions,
        description="Every failure mode was looked for by a test that ran, or names why none does; every planned test "
        "ran.",
    )
    def every_failure_mode_is_tested(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("fmea"), context.partition_key).json(FMEA)
        gaps = [row["name"] for row in found["rows"] if row["gap"]]
        return notice(
            not found["untested"] and not found["never_ran"],
            untested=", ".join(found["untested"]) or "none",
            never_ran="; ".join(found["never_ran"]) or "none",
            named_gaps=", ".join(gaps) or "none",
        )

    @check(
        uc,
        "fmea",
        partitions_def=versions,
        description="Every failure mode of severity 9 or 10 has an action, and it is done; else nothing is released.",
    )
    def severe_failures_are_acted_on(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("fmea"), context.partition_key).json(FMEA)["blocking"]
        return data_gate(not found, open="; ".join(found) or "none")

    @check(uc, "fmea", partitions_def=versions, description="Every failure mode of Action Priority H names an action.")
    def high_priorities_have_actions(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("fmea"), context.partition_key).json(FMEA)["without_action"]
        return notice(not found, without_action=", ".join(found) or "none")

    @check(
        uc,
        "ethical_risk_chart",
        partitions_def=versions,
        description="No class of risk of severity 7 or more stands in the chart by assumptions alone.",
    )
    def grave_classes_are_measured(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        chart = platform.lake.current(uc.key("ethical_risk_chart"), context.partition_key).json(CHART)
        assumed = [p["risk_class"] for p in chart["points"] if p["severity"] >= GRAVE and not p["measured"]]
        return notice(not assumed, assumed_only=", ".join(assumed) or "none")

    return [
        fmea,
        every_failure_mode_is_tested,
        severe_failures_are_acted_on,
        high_priorities_have_actions,
        ethical_risk_chart,
        grave_classes_are_measured,
    ]


def reports_of(
    report: Artifact, criteria: Artifact, attacked: Artifact | None, made: list[str], seen: dict[str, Any]
) -> Reports:
    gates = [Criterion(**gate) for gate in criteria.json("criteria.json")["gates"]]
    red_team = attacked.json(f"{RED_TEAM}.json") if attacked else None
    return Reports(report.json("eval_report.json"), gates, red_team, made, seen["modes"], seen["answers"])


def seen_of(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """What incidents say so far: {"modes": RISK/FAILURE_MODE → times, "answers": logged up to now}. Observed data come
    back this way, by their values in the memo key, and never as an edge of the graph."""
    modes = {mode: len(ids) for mode, ids in seen_modes(incident_log(lake, uc, published_records(lake, uc))).items()}
    key = uc.key("interactions")
    days = lake.heads.partitions(key) if modes else []
    return {
        "modes": modes,
        "answers": sum(lake.current(key, day).json("interactions.json")["interactions"] for day in days),
    }


def made_of(lake: Lake, uc: UseCase, register: dict[str, Any], version: str) -> list[str]:
    """Of the assets that failure modes name as tests, those with an output: of this version, or without versions."""
    named = {
        test["asset"]
        for risk in register["risks"]
        for mode in risk["failure_modes"]
        for test in mode["tests"]
        if test.get("asset")
    }
    return sorted(n for n in named if lake.heads.get(uc.key(n), version) or lake.heads.get(uc.key(n)))


def figures_of(analysis: dict[str, Any]) -> dict[str, Any]:
    rows = analysis["rows"]
    return {
        "failure_modes": len(rows),
        **{f"priority_{p}": sum(row["action_priority"] == p for row in rows) for p in "HML"},
        "measured": sum(row["occurrence_source"] == "measured" for row in rows),
        "untested": len(analysis["untested"]),
        "blocking": len(analysis["blocking"]),
    }


def fmea_rows(analysis: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "failure mode": row["name"],
            "S": row["severity"],
            "O": row["occurrence"],
            "O from": row["occurrence_source"],
            "seen": row.get("seen", {}).get("times", 0),
            "D": row["detection"],
            "priority": row["action_priority"],
            "RPN": row["rpn"],
            "tests": ", ".join(f"{t['kind']} {t['name']}{'' if t['ran'] else ' (did not run)'}" for t in row["tests"]),
            "actions": ", ".join(f"{a['id']} ({a['state']})" for a in row["actions"]),
            "owner": row["owner"],
        }
        for row in analysis["rows"]
    ]
