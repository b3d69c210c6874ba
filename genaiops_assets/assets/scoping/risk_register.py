"""Assets `risk_register` and `test_plan`: what may go wrong, and what will look for it, before anything is trained."""

from typing import Any

import dagster as dg

from genaiops_assets.evaluation import about_of
from genaiops_assets.governance.risk import (
    Means,
    build_register,
    build_test_plan,
    render_register,
    render_test_plan,
)
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.made_by import MADE_BY
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import FIRST_SUITES, RISK_CLASSES, SUITES, Criterion, UseCase

REGISTER, PLAN = "risk_register.json", "test_plan.json"
RED_TEAM = "red_team_report"  # the asset whose classes a plan may name
CORPUS_TESTS = (
    "data_quality_report",
    "decontamination_report",
    "privacy_record",
    "toxicity_probe_set",
    "data_bias_log",
)
DATA_TESTS = ("datasheet", "base_model", "golden_set", "embeddings_index", "judge_record", "preference_report")
MODEL_TESTS = ("aligned_checkpoint", "checkpoint_signature", "overfitting_report")
LOOKING = (*CORPUS_TESTS, *DATA_TESTS, *MODEL_TESTS)  # assets that a failure mode may name as its test


def risk_register_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "scoping")

    @asset(
        kinds={"json"},
        reads=["records"],
        article="article-9.2",
        description="The twelve classes of risk of NIST AI 600-1 as people rated them in records of kind risk: owner, "
        "severity, likelihood with its source, failure modes, mitigations; beside them the actions NIST suggests.",
    )
    def risk_register(making: Making) -> dg.MaterializeResult:
        records = making.read("records").json("records.json")["records"]

        def build(place: Workplace) -> Built:
            register = build_register(uc.name, uc.title, uc.language, records)
            write_json(place.staging / REGISTER, register)
            (place.staging / "risk_register.md").write_text(render_register(register), encoding="utf-8")
            modes = sum(len(risk["failure_modes"]) for risk in register["risks"])
            figures = {"risks": len(register["risks"]), "failure_modes": modes, "unrated": len(register["unrated"])}
            return Built(figures, {"classes": class_rows(register)}, page="risk_register.md")

        return making.produce(build, config={"title": uc.title, "language": uc.language})

    @asset(
        kinds={"json"},
        reads=["risk_register", "success_criteria"],
        article="article-9.8",
        smactr="testing",
        description="Which suite, gate, attack or asset looks for which failure mode, derived from the risk register "
        "before training; what leads nowhere is an orphan.",
    )
    def test_plan(making: Making) -> dg.MaterializeResult:
        register = making.read("risk_register").json(REGISTER)
        means = means_of(uc, making.read("success_criteria").json("criteria.json")["gates"])

        def build(place: Workplace) -> Built:
            plan = build_test_plan(register, means)
            write_json(place.staging / PLAN, plan)
            (place.staging / "test_plan.md").write_text(render_test_plan(plan), encoding="utf-8")
            figures = {
                "failure_modes": len(plan["rows"]),
                "tests": sum(len(row["tests"]) for row in plan["rows"]),
                "gaps": len(plan["gaps"]),
                "orphans": len(plan["orphans"]),
            }
            return Built(figures, {"orphans": [{"orphan": o} for o in plan["orphans"]]}, page="test_plan.md")

        looked_for = {name: sorted(classes) for name, classes in means.risks.items()}
        return making.produce(
            build, config={"suites": looked_for, "red_team": sorted(means.red_team), "assets": LOOKING}
        )

    @check(uc, "risk_register", description="Each of the twelve classes of risk is rated by a person, however low.")
    def every_class_is_rated(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        unrated = platform.lake.current(uc.key("risk_register")).json(REGISTER)["unrated"]
        return notice(not unrated, unrated=", ".join(unrated) or "none", rated=len(RISK_CLASSES) - len(unrated))

    @check(uc, "test_plan", description="Every failure mode has a test or a named gap; every test exists, and is used.")
    def nothing_is_orphaned(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        plan = platform.lake.current(uc.key("test_plan")).json(PLAN)
        return notice(
            not plan["orphans"],
            orphans="; ".join(plan["orphans"]) or "none",
            named_gaps="; ".join(plan["gaps"]) or "none",
        )

    @check(uc, "test_plan", description="A test plan stood in the ledger before the first training.")
    def plan_came_before_training(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        planned, trained = (
            first_made(platform.lake, uc, "test_plan"),
            first_made(platform.lake, uc, "aligned_checkpoint"),
        )
        in_time = trained is None or (planned is not None and planned < trained)
        return notice(in_time, planned=planned or "never", first_training=trained or "none yet")

    return [risk_register, every_class_is_rated, test_plan, nothing_is_orphaned, plan_came_before_training]


def means_of(uc: UseCase, gates: list[dict[str, Any]]) -> Means:
    """What a use case can test with: its suites, its gates on all their slices, and assets that are there before the
    failure modes of a version are analysed."""
    suites = (*FIRST_SUITES, *uc.evaluation.suites)
    return Means(
        suite=suites,
        gate=[one.id for gate in gates for one in Criterion(**gate).on_each_slice()],
        red_team=RISK_CLASSES if has_red_team(uc) else (),
        asset=LOOKING,
        risks={name: looked_for(name) for name in suites},
    )


def has_red_team(uc: UseCase) -> bool:
    """Whether versions of this use case are attacked: it asks for it, and there is such an asset."""
    return bool(getattr(uc, "red_team", None)) and RED_TEAM in MADE_BY


def looked_for(suite: str) -> tuple[str, ...]:
    """The classes of risk that a suite says it looks for; none for one that says nothing."""
    about = about_of(SUITES.get(suite))
    return about.risks if about else ()


def first_made(lake: Lake, uc: UseCase, asset: str) -> str | None:
    """When the ledger first saw an output of an asset, as its entry says it."""
    entries = lake.ledger.entries("materialized")
    return next((entry.at for entry in entries if entry.body["asset"] == uc.key(asset)), None)


def class_rows(register: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "class": c["title"],
            "severity": c["severity"],
            "likelihood": c["likelihood"],
            "source": c["source"] or "not rated",
            "owners": ", ".join(c["owners"]),
            "risks": ", ".join(c["risks"]),
            "suggested": ", ".join(a["id"] for a in c["suggested_actions"]),
        }
        for c in register["classes"]
    ]
