"""`genaiops incident`: from the first word to the end, by the command line alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from genaiops_assets.governance.audit import request_rescoping, waiting
from genaiops_assets.governance.risk import build_register
from genaiops_assets.lake import Lake
from tests.conftest import genaiops
from tests.governance.risk.cases import mode, risk
from tests.support.lakes import bank_support, publish

WHO = ("--as", "Olga Owner")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    lake, uc = Lake(tmp_path), bank_support()
    publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()})
    publish(lake, uc.key("records"), {"records.json": {"records": []}})
    register = build_register(uc.name, uc.title, "en", [risk(mode())])
    publish(lake, uc.key("risk_register"), {"risk_register.json": register})
    return tmp_path


def test_an_incident_is_opened_reported_and_closed(home: Path) -> None:
    said = genaiops(
        home, "incident", "open", *WHO, "--title", "Data leaked", "--text", "A log was open to strangers.",
        "--severity", "serious", "--harm", "personal_data", "--failure-mode", "invented/answers-anyway",
    ).stdout  # fmt: skip
    name = next(word for word in said.split() if word.startswith("incident-"))
    assert "initial report to the data protection authority" in said and "72 hours left" in said
    report = ("incident", "report", name[:14], "-o", str(home))
    assert "gap: incident" in genaiops(home, *report).stdout
    file = home / f"report-{name}.md"
    file.write_text(file.read_text("utf-8") + "\nCompleted by hand.\n", "utf-8")
    handed = genaiops(home, *report, "--handed-in", "initial", "--to", "data_protection", *WHO).stdout
    assert f"{name}: the initial report went to data_protection" in handed
    assert "Completed by hand." in file.read_text("utf-8"), "what was sent is not written over"
    listed = genaiops(home, "incident", "list").stdout
    assert "data protection" not in listed and "market surveillance authority" in listed
    refused = genaiops(home, "incident", "close", name, "--as", "Eve", "--reason", "over", check=False)
    assert refused.returncode == 1 and "not among the people" in refused.stdout
    genaiops(home, "incident", "close", name, *WHO, "--reason", "the log is shut")
    assert [e.kind for e in Lake(home).ledger.entries()][-3:] == [
        "incident_opened",
        "incident_reported",
        "incident_closed",
    ]


def test_a_severity_that_does_not_exist_and_an_unknown_id_are_told(home: Path) -> None:
    wrong = genaiops(
        home, "incident", "open", *WHO, "--title", "Odd", "--text", "Something odd.", "--severity", "odd", check=False
    )
    assert wrong.returncode == 1 and "severity" in wrong.stdout
    unknown = genaiops(home, "incident", "report", "rollback-1", check=False)
    assert unknown.returncode == 1 and "no incident" in unknown.stdout


def test_a_wider_use_is_listed_with_the_command_that_decides_and_decided_by_it(home: Path) -> None:
    lake, uc = Lake(home), bank_support()
    report = {"enough": True, "topics": [], "gaps": [{"topic": "pension, fund", "share": 0.4, "questions": 40}]}
    request_rescoping(lake, uc, "2026-12-01", report, "cause", date(2026, 12, 1))
    (task,) = waiting(lake, uc)
    said = genaiops(home, "tasks").stdout
    assert f"rescope {task.id} --decision keep_out" in said and "close-task" not in said
    refused = genaiops(home, "rescope", task.id, "--decision", "maybe", *WHO, "--reason", "x", check=False)
    assert refused.returncode == 1 and "widen or keep_out" in refused.stdout
    said = genaiops(home, "rescope", task.id, "--decision", "widen", *WHO, "--reason", "the desk wants it").stdout
    assert "write the purpose in the use case file anew" in said and "no open task" in genaiops(home, "tasks").stdout
