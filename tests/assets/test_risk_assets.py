"""Assets of risk on published inputs: from records to register, plan, FMEA and chart, and to the decision that a severe
open action forbids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.evaluation.fmea import fmea_assets
from genaiops_assets.assets.scoping.records import record_assets
from genaiops_assets.assets.scoping.risk_register import risk_register_assets
from genaiops_assets.evaluation import Measure
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.assets.test_release_decision import decided, gate, inputs
from tests.governance.risk.cases import mitigation, mode, risk
from tests.support.lakes import V1, bank_support, publish

GATES = [gate(id="good_enough", at_least=0.4)]
MEASURED = {"suite": "golden", "figure": "/cells/tuned_with/answer_f1/all", "failures": "rest"}


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    (tmp_path / "uc" / "records").mkdir(parents=True)
    return bank_support(folder=tmp_path / "uc")


@pytest.fixture
def lake(tmp_path: Path, uc: UseCase) -> Lake:
    lake = Lake(tmp_path / "home")
    inputs(lake, uc, V1, 0.6)
    return lake


def write(uc: UseCase, *records: dict[str, Any]) -> None:
    for file in uc.path("records").iterdir():
        file.unlink()
    for record in records:
        uc.path(f"records/{record['id']}.yaml").write_bytes(pretty_json(record))


def made(lake: Lake, things: list[Any], version: str | None = None) -> dict[str, Any]:
    """Materialize assets with their checks; the outcome of each check by name."""
    with dg.DagsterInstance.ephemeral() as instance:
        if version:
            instance.add_dynamic_partitions("bank_support__model_version", [version])
        result = dg.materialize(
            things,
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
            partition_key=version,
            raise_on_error=True,
        )
    return {e.check_name: e for e in result.get_asset_check_evaluations()}


def analysed(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """From the records in the folder to the chart; the checks of all of it."""
    before = made(lake, [*record_assets(uc), *risk_register_assets(uc)])
    return before | made(lake, fmea_assets(uc), V1)


def document(lake: Lake, uc: UseCase, asset: str, version: str | None = None) -> dict[str, Any]:
    return lake.current(uc.key(asset), version).json(f"{asset}.json")


def test_records_become_register_plan_analysis_and_chart(lake: Lake, uc: UseCase) -> None:
    tested = mode(tests=[MEASURED, {"gate": "good_enough"}, {"asset": "golden_set"}], actions=["agents-read"])
    write(uc, risk(tested, severity=8), mitigation())
    checks = analysed(lake, uc)
    assert document(lake, uc, "risk_register")["risks"][0]["mitigations"][0]["id"] == "agents-read"
    assert document(lake, uc, "test_plan")["rows"][0]["name"] == "invented/answers-anyway"
    (row,) = document(lake, uc, "fmea", V1)["rows"]
    low = Measure(500, 0.95, 0).mean([0.6] * 40)["low"]
    assert row["measured"]["rate"]["upper"] == pytest.approx(1 - low, abs=1e-5)
    assert (row["occurrence"], row["action_priority"], row["rpn"]) == (10, "H", 350)
    assert all(test["ran"] for test in row["tests"])
    chart = lake.current(uc.key("ethical_risk_chart"), V1)
    assert chart.json("ethical_risk_chart.json")["points"][0]["likelihood"] == 10
    assert list(chart.views()) == ["views/ethical risks.png"]
    failed = {name for name, outcome in checks.items() if not outcome.passed}
    assert failed == {"every_class_is_rated", "nothing_is_orphaned"}  # eleven classes, and the suite refusal, unread
    assert checks["plan_came_before_training"].passed


def test_a_failure_mode_that_nothing_tested_and_a_test_that_never_ran_turn_checks_red(lake: Lake, uc: UseCase) -> None:
    write(uc, risk(mode(tests=[]), mode(id="second", tests=[{"asset": "overfitting_report"}])))
    checks = analysed(lake, uc)
    assert "invented/answers-anyway: no test and no named gap" in told(checks["nothing_is_orphaned"], "orphans")
    outcome = checks["every_failure_mode_is_tested"]
    assert not outcome.passed
    assert told(outcome, "untested") == "invented/answers-anyway, invented/second"
    assert told(outcome, "never_ran") == (
        "invented/second: asset overfitting_report did not run: overfitting_report was never made"
    )
    assert not checks["grave_classes_are_measured"].passed


def told(outcome: Any, name: str) -> str:
    return str(outcome.metadata[name].value)


def test_a_severe_open_action_is_a_no_go_until_it_is_done(lake: Lake, uc: UseCase) -> None:
    publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": GATES}})
    grave = risk(mode(severity=9, tests=[MEASURED], actions=["agents-read"]))
    write(uc, grave, mitigation())
    checks = analysed(lake, uc)
    reason = "failure mode invented/answers-anyway has severity 9: agents-read is open (Ben Builder, due 2026-12-24)"
    outcome = checks["severe_failures_are_acted_on"]
    assert not outcome.passed and outcome.severity == dg.AssetCheckSeverity.ERROR and told(outcome, "open") == reason
    found, _ = decided(lake, uc, V1)
    assert (found["verdict"], found["by_gates"], found["blocked_by"]) == ("no_go", "go", [reason])

    write(uc, grave, mitigation(done_on="2026-11-20"))
    checks = analysed(lake, uc)
    assert checks["severe_failures_are_acted_on"].passed
    found, _ = decided(lake, uc, V1)
    assert found["verdict"] == "go" and "blocked_by" not in found


def test_the_same_records_and_report_are_no_new_work(lake: Lake, uc: UseCase) -> None:
    write(uc, risk(mode(tests=[MEASURED])))
    analysed(lake, uc)
    names = (("risk_register", None), ("test_plan", None), ("fmea", V1), ("ethical_risk_chart", V1))
    before = [lake.current(uc.key(name), version).digest for name, version in names]
    analysed(lake, uc)
    assert [lake.current(uc.key(name), version).digest for name, version in names] == before


def test_a_plan_after_the_first_training_is_said(lake: Lake, uc: UseCase) -> None:
    publish(lake, uc.key("aligned_checkpoint"), {"training_log.json": {}}, partition=V1)
    write(uc, risk(mode()))
    assert not analysed(lake, uc)["plan_came_before_training"].passed
