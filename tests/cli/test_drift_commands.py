"""`genaiops drift`: the report of a day with the questions the log still holds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.drift import open_tasks, settle_tasks
from genaiops_assets.lake import Lake
from genaiops_assets.serving import day_rows, log_interactions
from genaiops_assets.use_case import register
from tests.support.lakes import bank_support, publish

DAY = "2026-11-24"
QUESTION = "Is my dog [red]insured?"
FEATURE = {
    "name": "question length",
    "mean_before": 8.0,
    "mean_now": 9.5,
    "wasserstein": 0.25,
    "psi": 0.1,
    "ks": 0.2,
    "is_clear": True,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    for name, value in (("GENAIOPS_HOME", str(home)), ("DAGSTER_HOME", str(home / "dagster")), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)
    register(home, "package:bank_support")
    return home


def reported(home: Path, **changes) -> str:
    """A report of a day with one interaction. Returns what the command prints."""
    lake, uc = Lake(home), bank_support()
    log_interactions(lake, uc, [{"question": QUESTION, "channel": "ask"}], now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    row = day_rows(lake, uc, DAY)[0]
    topic = {"topic": "dog, insured", "share_before": 0.0, "share_now": 0.25, "examples": [row["id"], "gone"]}
    gap = {"topic": "dog", "share": 0.2, "median_score": 0.31, "examples": [row["id"]]}
    report = {
        "schema_version": 2, "drifted": True, "enough": True, "reasons": ["they differ"], "topics": [topic], "gaps": [gap],
        "features": [FEATURE], "recommendation": "add documents", "why": "20 % of them",
    } | changes  # fmt: skip
    publish(lake, "bank_support/drift_report", {"drift.json": report}, partition=DAY)
    return CliRunner().invoke(app, ["drift", DAY]).output


def test_topics_are_shown_with_their_questions(home: Path) -> None:
    said = reported(home)
    assert f"{DAY}: drift" in said and "they differ" in said and "25.0%" in said
    assert said.count(QUESTION) == 2 and "(deleted from the log)" in said
    assert "0.25" in said and "clear" in said and "→ add documents: 20 % of them" in said


def test_a_quiet_day_shows_its_reasons_only(home: Path) -> None:
    said = reported(home, drifted=False, topics=[], gaps=[], features=[], recommendation="nothing")
    assert "no drift" in said and "Topics" not in said and "→ nothing" in said
    assert "not enough questions" in reported(home, drifted=False, enough=False, topics=[], gaps=[], features=[])


def test_what_is_missing_is_said(home: Path) -> None:
    assert "no drift report yet" in CliRunner().invoke(app, ["drift"]).output
    assert "measure the day again" in reported(home, schema_version=1)
    missing = CliRunner().invoke(app, ["drift", "2026-11-01"])
    assert missing.exit_code == 1 and "no drift report of 2026-11-01" in missing.output


def test_open_tasks_are_shown(home: Path) -> None:
    lake, uc = Lake(home), bank_support()
    figures = {"recommendation": "add documents", "why": "20 % of them", "interactions": "aa", "enough": True}
    settle_tasks(lake, uc, DAY, figures, date(2026, 11, 24))
    (task,) = open_tasks(lake, uc)
    assert f"open task {task.id}: add documents: {uc.people.owners[0]}, due 2026-12-08" in reported(home)
    status = CliRunner().invoke(app, ["status"]).output
    assert f"open task {task.id}: add documents" in status
    found = json.loads(CliRunner().invoke(app, ["status", "--json"]).output)
    assert [task["what"] for task in found["tasks"]] == ["add documents"]
