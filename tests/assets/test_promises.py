"""What people wrote and promised, as assets: scoping documents, mitigation plan, acceptances, ethics checklist, and the
decision that an acceptance which ended makes a no_go."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.evaluation.ethics_checklist import ethics_checklist_assets
from genaiops_assets.assets.release.mitigation_plan import mitigation_plan_assets
from genaiops_assets.assets.release.residual_risk_acceptance import residual_risk_acceptance_assets
from genaiops_assets.assets.scoping.records import record_assets
from genaiops_assets.assets.scoping.scoping_documents import scoping_document_assets
from genaiops_assets.assets.scoping.use_case_scope import scoping_assets
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.jobs import asset_jobs
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.assets.test_release_decision import decided, inputs
from tests.governance.risk.cases import mitigation, risk
from tests.governance.risk.test_acceptance import acceptance
from tests.support.lakes import PACKAGED, V1, publish

TODAY = datetime.now(UTC).date()
MARKED = risk(needs_acceptance=True, severity=5)


@pytest.fixture(params=["bank_support", "library_zh"])
def uc(request: pytest.FixtureRequest, tmp_path: Path) -> UseCase:
    """A packaged example in a folder of its own."""
    shutil.copytree(PACKAGED / request.param, tmp_path / "uc")
    return load_use_case(tmp_path / "uc")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def made(lake: Lake, things: list[Any], version: str | None = None) -> dict[str, Any]:
    """Materialize assets with their checks; the outcome of each check by name."""
    with dg.DagsterInstance.ephemeral() as instance:
        if version:
            use_case = things[0].key.path[0]
            instance.add_dynamic_partitions(f"{use_case}__model_version", [version])
        platform = Platform(home=str(lake.home))
        result = dg.materialize(things, resources={"platform": platform}, instance=instance, partition_key=version)
    return {e.check_name: e for e in result.get_asset_check_evaluations()}


def records(lake: Lake, uc: UseCase, *stated: dict[str, Any]) -> None:
    publish(lake, uc.key("records"), {"records.json": {"records": list(stated)}})


# --- scoping documents --------------------------------------------------------------------------------------------


def scoped(lake: Lake, uc: UseCase) -> dict[str, Any]:
    return made(lake, [*scoping_assets(uc), *scoping_document_assets(uc)])


def test_the_documents_of_an_example_pass_every_check_and_are_one_asset(lake: Lake, uc: UseCase) -> None:
    checks = scoped(lake, uc)
    mine = [
        name
        for name in checks
        if name.startswith(("use_was", "every_principle", "impact", "everybody", "it_was", "thresholds"))
    ]
    assert len(mine) == 7 and all(checks[name].passed for name in mine), {n: checks[n].metadata for n in mine}
    artifact = lake.current(uc.key("scoping_documents"))
    assert artifact.local("scoping_documents.md").exists()
    assert len(artifact.json("scoping_documents.json")["stakeholders"]) == len(uc.people.stakeholders) > 5


@pytest.mark.parametrize(
    ("file", "old", "new", "check", "error"),
    [
        ("principles", "metric: gate:golden_recall", "metric: ''", "every_principle_is_tied", True),
        ("ethical_review", "conclusion: accepted_with_conditions", "conclusion: ''", "use_was_reviewed", False),
        ("feasibility", "conclusion: go_on", "conclusion: stop", "it_was_found_feasible", True),
        ("thresholds", "metric: gate:golden_recall", "metric: gate:nothing", "thresholds_are_stated", True),
        ("social_impact", "wider_effects: ", "wider_effects: TBD ", "impact_is_assessed", False),
    ],
)
def test_a_fault_in_one_document_turns_its_check_red_and_no_other(
    lake: Lake, uc: UseCase, file: str, old: str, new: str, check: str, error: bool
) -> None:
    path = uc.path(f"scoping/{file}.yaml")
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    checks = scoped(lake, uc)
    assert [name for name, outcome in checks.items() if not outcome.passed] == [check]
    assert (checks[check].severity == dg.AssetCheckSeverity.ERROR) is error


def test_thresholds_dated_after_the_first_plan_are_an_error_and_unseen_ones_a_warning(lake: Lake, uc: UseCase) -> None:
    publish(lake, uc.key("model_plan"), {"plan.json": {}})
    late = scoped(lake, uc)["thresholds_came_before_training"]
    assert not late.passed and late.severity == dg.AssetCheckSeverity.WARN, "their date lies before, the ledger not"
    path = uc.path("scoping/thresholds.yaml")
    path.write_text(path.read_text("utf-8").replace("2026-12-01", str(TODAY + timedelta(days=1))), "utf-8")
    late = scoped(lake, uc)["thresholds_came_before_training"]
    assert not late.passed and late.severity == dg.AssetCheckSeverity.ERROR


# --- the mitigation plan ------------------------------------------------------------------------------------------


def test_the_actions_of_an_example_are_in_time_and_leave_no_risk_unanswered(lake: Lake, uc: UseCase) -> None:
    checks = made(lake, [*record_assets(uc), *mitigation_plan_assets(uc)])
    assert checks["records_are_usable"].passed and checks["every_risk_is_answered"].passed
    assert checks["actions_can_be_verified"].passed
    late = datetime(2027, 3, 31).date() < TODAY  # the first open action of the examples is due then
    assert checks["no_action_is_overdue"].passed is not late or uc.name == "library_zh"
    assert len(lake.current(uc.key("mitigation_plan")).json("mitigation_plan.json")["actions"]) >= 10


def test_an_overdue_action_fails_its_check_though_nothing_was_written_since(lake: Lake, uc: UseCase) -> None:
    yesterday, written = str(TODAY - timedelta(days=1)), str(TODAY - timedelta(days=9))
    for due, passes in ((str(TODAY), True), (yesterday, False)):
        records(lake, uc, risk(), mitigation(due=due, written_on=written))
        outcome = made(lake, mitigation_plan_assets(uc))["no_action_is_overdue"]
        assert outcome.passed is passes
    assert outcome.severity == dg.AssetCheckSeverity.ERROR
    assert f"was due on {yesterday}" in str(outcome.metadata["which"].value)


def test_a_risk_without_an_answer_and_an_action_that_nothing_can_show_are_named(lake: Lake, uc: UseCase) -> None:
    records(lake, uc, risk(), risk(id="bare"), mitigation(verified_by="gate:nothing"))
    checks = made(lake, mitigation_plan_assets(uc))
    assert checks["every_risk_is_answered"].metadata["unanswered"].value == "bare"
    assert not checks["actions_can_be_verified"].passed


# --- acceptances --------------------------------------------------------------------------------------------------


def test_acceptances_are_asked_for_the_newest_report_and_the_day(lake: Lake, uc: UseCase) -> None:
    records(lake, uc, MARKED)
    before = made(lake, residual_risk_acceptance_assets(uc))["acceptances_hold"]
    assert before.passed and before.metadata["asked_for"].value == "no version was judged yet"
    seen = publish(lake, uc.key("eval_report"), {"eval_report.json": {}}, partition=V1).digest
    who = uc.people.approvers[0]
    old = str(TODAY - timedelta(days=400))
    for ends, passes in ((str(TODAY), True), (str(TODAY - timedelta(days=1)), False)):
        records(lake, uc, MARKED, acceptance(seen, author=who, expires=ends, written_on=old))
        outcome = made(lake, residual_risk_acceptance_assets(uc))["acceptances_hold"]
        assert outcome.passed is passes
    assert f"{V1}: invented: accept-invented by {who} expired" in str(outcome.metadata["open"].value)
    records(lake, uc, MARKED, acceptance(seen, author=uc.people.builders[0], expires="2999-12-31"))
    outcome = made(lake, residual_risk_acceptance_assets(uc))["acceptances_hold"]
    assert not outcome.passed and "may not accept risks" in str(outcome.metadata["open"].value)


def test_the_daily_job_asks_for_promises_anew(uc: UseCase) -> None:
    (job,) = [job for job in asset_jobs(uc) if job.name == f"{uc.name}__records_due"]
    for asset in ("records", "mitigation_plan", "residual_risk_acceptance"):
        assert asset in str(job.selection)


def test_a_decision_is_a_no_go_while_an_acceptance_does_not_hold_and_a_go_when_it_is_cured(
    lake: Lake, uc: UseCase
) -> None:
    inputs(lake, uc, V1, 0.6)
    assert decided(lake, uc, V1)[0]["verdict"] == "go"
    seen = lake.heads.digest(uc.key("eval_report"), V1)
    accepted = acceptance(seen, author=uc.people.approvers[0], expires="2999-12-31")
    records(lake, uc, MARKED, {**accepted, "expires": "2026-11-30"})
    found, metadata = decided(lake, uc, V1)
    assert (found["verdict"], found["by_gates"]) == ("no_go", "go")
    assert found["blocked_by"] == [
        f"residual risk invented (Invented answers): accept-invented by {accepted['author']} expired on 2026-11-30"
    ]
    assert any("expired on 2026-11-30" in str(value.value) for value in metadata.values())
    records(lake, uc, MARKED, accepted)
    found, _ = decided(lake, uc, V1)
    assert found["verdict"] == "go" and "blocked_by" not in found
    inputs(lake, uc, V1, 0.7)
    assert "lapsed: eval_report is another one" in decided(lake, uc, V1)[0]["blocked_by"][0]


# --- the ethics checklist -----------------------------------------------------------------------------------------


def measured(lake: Lake, uc: UseCase) -> None:
    """What the evidence of both examples points into."""
    interval = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 40, "confidence": 0.95}
    report = {
        "cells": {"tuned_with": {"answer_f1": {"held_out": interval}}},
        "effects": {"tuning": {"all": interval}},
        "suites": {"refusal": {"cells": {"tuned_with": {"refused": {"all": interval}}}}},
    }
    publish(lake, uc.key("eval_report"), {"eval_report.json": report}, partition=V1)
    publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()})
    publish(lake, uc.key("privacy_record"), {"privacy_record.json": {"residual": interval, "retention_days": 90}})
    publish(
        lake, uc.key("decontamination_report"), {"decontamination.json": {"removed": 0}}
    )  # not named after its asset
    diversity = {"topic_entropy": {"value": {"bits": 1.0}}}
    publish(lake, uc.key("data_bias_log"), {"data_bias_log.json": {"diversity": diversity}})
    made(lake, record_assets(uc))


def test_the_checklist_of_an_example_is_answered_by_people_and_figures(lake: Lake, uc: UseCase) -> None:
    measured(lake, uc)
    checks = made(lake, ethics_checklist_assets(uc), V1)
    assert checks["every_question_is_answered"].passed
    assert checks["answers_hold"].passed, checks["answers_hold"].metadata
    assert lake.current(uc.key("ethics_checklist"), V1).local("ethics_checklist.md").exists()


def test_an_emptied_answer_and_a_figure_that_went_away_fail(lake: Lake, uc: UseCase) -> None:
    measured(lake, uc)
    path = uc.path("ethics_checklist.yaml")
    text = path.read_text("utf-8")
    path.write_text(text.replace("privacy_record#/retention_days", "privacy_record#/nothing"), "utf-8")
    checks = made(lake, ethics_checklist_assets(uc), V1)
    assert checks["every_question_is_answered"].metadata["which"].value == "ethics_checklist.yaml: privacy_logs"
    assert "privacy_record has no /nothing" in str(checks["answers_hold"].metadata["problems"].value)
