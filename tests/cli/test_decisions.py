"""Decisions by the command line: in the ledger, then in Dagster's history, without loading the definitions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.cli import show_decision
from genaiops_assets.cli.history import CheckResult, open_history
from genaiops_assets.lake import Lake
from genaiops_assets.serving import counter
from tests.conftest import genaiops
from tests.support.lakes import V1, bank_support, candidate, publish

PERSON = ("--as", "Ada Approver", "--reason", "read the [card]")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    candidate(lake := Lake(tmp_path), uc := bank_support(), V1)
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1}})
    return tmp_path


def shown(home: Path, asset: str, check: str, partition: str | None = None) -> CheckResult:
    history = open_history(home / "dagster")
    assert history is not None
    return history.check(f"bank_support/{asset}", check, partition)


def test_approval_and_release_stand_in_the_ledger_and_in_dagsters_history(home: Path) -> None:
    said = genaiops(home, "approve", V1, *PERSON).stdout
    assert f"✓ {V1} approved by Ada Approver" in said and f"promote {V1} --as NAME" in said
    assert shown(home, "release_decision", "human_approval", V1).passed is True
    said = genaiops(home, "promote", V1, *PERSON).stdout
    assert f"✓ {V1} is in production" in said
    assert shown(home, "production_model", "event_log_agrees_with_pointer") == CheckResult(True, "WARN")
    entries = [e.kind for e in Lake(home).ledger.entries() if e.kind in ("approval", "release")]
    assert entries == ["approval", "release"]
    history = open_history(home / "dagster")
    release = next(Lake(home).ledger.entries("release"))
    assert history is not None and history.digest("bank_support/production_model", None) == release.hash[:32]


def test_a_rejected_version_is_an_error_and_is_not_promoted(home: Path) -> None:
    genaiops(home, "reject", V1, *PERSON)
    assert shown(home, "release_decision", "human_approval", V1) == CheckResult(False, "ERROR")
    refused = genaiops(home, "promote", V1, *PERSON, check=False)
    assert refused.returncode == 1 and "was rejected by Ada Approver" in refused.stdout
    assert shown(home, "production_model", "event_log_agrees_with_pointer") == CheckResult(None, None)


def test_status_says_who_decides_what_the_gates_said_and_what_to_type(home: Path) -> None:
    said = genaiops(home, "status").stdout
    state = f"{V1} waits for the decision of Ada Approver or Arif Approver (verdict of the gates: go)"
    assert state in said and f'approve {V1} --as "Ada Approver" --reason' in said
    found = json.loads(genaiops(home, "status", "--json").stdout)
    assert found["newest"] == {"model_version": V1, "approval": "waiting"}


def test_a_history_that_cannot_be_written_is_said_and_changes_no_decision(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "dagster").mkdir()
    (home / "dagster" / "dagster.yaml").write_text("storage: [not, an, instance]\n")
    done = genaiops(home, "approve", V1, *PERSON)
    assert "Dagster's history could not be written" in done.stdout and f"✓ {V1} approved" in done.stdout
    assert [e.body["decision"] for e in Lake(home).ledger.entries("approval")] == ["approved"]


def test_the_second_process_ends_with_a_refused_decision(home: Path) -> None:
    with pytest.raises(RuntimeError), show_decision.Showing(home) as showing:
        raise RuntimeError("refused")
    assert showing.child.poll() is not None


def test_nobody_is_answered_while_the_ledger_is_in_doubt(home: Path) -> None:
    genaiops(home, "approve", V1, *PERSON)
    genaiops(home, "promote", V1, *PERSON)
    release = next((lake := Lake(home)).ledger.entries("release"))
    lake.ledger.append("release", {**release.body, "approval": "0" * 64})
    questions = home / "questions.jsonl"
    questions.write_text('{"question": "What is the fee?"}\n')
    for command in (("ask", "What is the fee?"), ("replay", str(questions))):
        refused = genaiops(home, *command, check=False)
        assert refused.returncode == 1 and "names no earlier approval" in refused.stdout, command
        assert "genaiops verify" in refused.stdout
    assert not lake.store.exists(counter(bank_support()))


def test_status_warns_of_a_rejected_version_in_production(home: Path) -> None:
    genaiops(home, "approve", V1, *PERSON)
    genaiops(home, "promote", V1, *PERSON)
    assert json.loads(genaiops(home, "status", "--json").stdout)["production_warning"] == ""
    said = genaiops(home, "reject", V1, "--as", "Arif Approver", "--reason", "a wrong fee").stdout
    assert "rollback --as NAME" in said
    assert shown(home, "production_model", "event_log_agrees_with_pointer") == CheckResult(False, "ERROR")
    shows = genaiops(home, "status").stdout
    assert f"production: {V1}, but rejected by Arif Approver" in shows and "a wrong fee" in shows
