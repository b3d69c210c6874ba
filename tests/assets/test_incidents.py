"""Asset `incidents` as Dagster runs it: pages in both languages, claims that hold, clocks at a given time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.assets.monitoring.incidents import clock_result, entered_since, incident_assets
from genaiops_assets.assets.scoping.records import record_assets
from genaiops_assets.assets.scoping.risk_register import risk_register_assets
from genaiops_assets.assets.scoping.use_case_scope import scoping_assets
from genaiops_assets.governance.incidents import open_incident
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.use_case import UseCase
from tests.assets.test_promises import made
from tests.assets.test_risk_assets import told, write
from tests.governance.incidents.cases import record
from tests.governance.risk.cases import mitigation, mode, risk
from tests.support.lakes import V1, bank_support, publish

AWARE = datetime.fromisoformat("2026-12-01T08:00:00+00:00")


@pytest.fixture(params=["en", "zh"])
def uc(tmp_path: Path, request: pytest.FixtureRequest) -> UseCase:
    (tmp_path / "uc" / "records").mkdir(parents=True)
    return bank_support(folder=tmp_path / "uc", language=request.param)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def gathered(lake: Lake, uc: UseCase) -> dict[str, dg.AssetCheckEvaluation]:
    return made(lake, [*scoping_assets(uc), *record_assets(uc), *risk_register_assets(uc), *incident_assets(uc)])


def test_a_serious_incident_has_deadlines_pages_and_a_report_whose_claims_hold(lake: Lake, uc: UseCase) -> None:
    publish(lake, uc.key("release_decision"), {"decision.json": {"verdict": "go"}}, partition=V1)
    said = record(aware_at=AWARE, harms=["death"], failure_modes=["invented/answers-anyway"], model_version=V1)
    write(uc, risk(mode(actions=["agents-read"])), mitigation(), said)
    checks = gathered(lake, uc)
    assert (
        checks["claims_hold"].passed and checks["failures_seen_are_acted_on"].passed and checks["log_is_current"].passed
    )
    artifact = lake.current(uc.key("incidents"))
    found = artifact.json("incidents.json")
    assert found["seen"] == {"invented/answers-anyway": ["wrong-fee"]}
    pages = [f["path"] for f in artifact.manifest["files"] if f["path"].endswith((".md", ".html"))]
    assert len(pages) == 8 and {"incidents.md", "report-wrong-fee.zh.html"} <= set(pages)
    chinese = "incidents.md" if uc.language == "zh" else "incidents.zh.md"
    assert "市场监督机构" in artifact.local(chinese).read_text("utf-8")
    day = timedelta(days=1)
    early, red = clock_result(found, AWARE), clock_result(found, AWARE + 7 * day)
    assert early.passed and "act-10" not in told(early, "near")
    assert not red.passed and red.severity == dg.AssetCheckSeverity.ERROR, "three of ten days are left"
    near = clock_result(found, AWARE + 12 * timedelta(hours=1))  # of the 24 hours to tell the provider
    assert not near.passed and near.severity == dg.AssetCheckSeverity.WARN and "provider" in told(near, "near")


def test_a_failure_mode_without_a_mitigation_turns_a_check_red(lake: Lake, uc: UseCase) -> None:
    write(uc, risk(mode()), record(failure_modes=["invented/answers-anyway"], severity="minor"))
    outcome = gathered(lake, uc)["failures_seen_are_acted_on"]
    assert not outcome.passed and "no mitigation answers" in told(outcome, "unanswered")


def test_what_was_entered_since_shows_until_the_log_is_made_again(lake: Lake, uc: UseCase) -> None:
    write(uc, risk(mode()))
    assert gathered(lake, uc)["log_is_current"].passed
    open_incident(lake, uc, by="Olga Owner", now=AWARE, title="Rude draft", severity="near_miss", text="It was rude.")
    (since,) = entered_since(lake, uc)
    assert since.startswith("incident-")
    assert gathered(lake, uc)["log_is_current"].passed
    assert len(lake.current(uc.key("incidents")).json("incidents.json")["incidents"]) == 1


def test_the_record_file_may_be_as_people_write_it(lake: Lake, uc: UseCase) -> None:
    plain = {k: v for k, v in record(severity="near_miss").items() if v not in (None, {}, [])}
    uc.path("records/wrong-fee.yaml").write_bytes(pretty_json(plain))
    assert gathered(lake, uc)["records_are_usable"].passed
