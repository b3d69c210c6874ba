"""Which version answers: none while the ledger is in doubt, and what has become of an approval is said wherever people
look at what answers: `ask`, `status`, the UI. A tiny real model."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.cli.interactions import standing
from genaiops_assets.cli.overview import collect
from genaiops_assets.cli.session import Session
from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import Approval, decide, production_release, release, warning_of
from genaiops_assets.lake import ERASURE_BEGUN, write_json
from genaiops_assets.orchestration.approval_checks import agreement
from genaiops_assets.orchestration.decision_jobs import show_approval, show_release
from genaiops_assets.serving import choose_version
from tests.support.bench import Bench
from tests.support.lakes import publish

CHECK = "event_log_agrees_with_pointer"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A judged version in production."""
    made = Bench(tmp_path, monkeypatch)
    made.judge()
    said(made, "approved")
    release(made.lake, made.uc, made.version, kind="promote", by="Olga Owner", reason="better answers")
    show_release(made.instance, made.lake, made.uc, production_release(made.lake, made.uc))
    return made


def said(bench: Bench, decision: str, reason: str = "read the card") -> None:
    decide(bench.lake, bench.uc, bench.version, name="Ada Approver", decision=decision, reason=reason)  # type: ignore[arg-type]
    show_approval(bench.instance, bench.lake, bench.uc, bench.version)


def in_the_ui(bench: Bench) -> tuple[bool, str, str]:
    """(passed, severity, the warning) as the page of `production_model` shows the check now."""
    key = dg.AssetCheckKey(dg.AssetKey([bench.uc.name, "production_model"]), CHECK)
    record = bench.instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert record.event and record.event.dagster_event
    found = record.event.dagster_event.asset_check_evaluation_data
    return found.passed, found.severity.value, str(found.metadata["warning"].value)


def in_status(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GENAIOPS_HOME", str(bench.lake.home))
    return collect(Session(reads=True), bench.uc)["production_warning"]


def test_an_approved_version_answers_without_a_warning(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = choose_version(bench.lake, bench.uc)
    assert (choice.version, choice.warning, standing(choice)) == (bench.version, "", "in production")
    assert in_the_ui(bench) == (True, "WARN", "none") and in_status(bench, monkeypatch) == ""


def test_a_rejection_of_what_answers_is_said_everywhere_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    said(bench, "rejected", "a wrong fee")
    choice = choose_version(bench.lake, bench.uc)
    assert choice.released and "rejected by Ada Approver on " in choice.warning
    assert choice.warning.endswith(": a wrong fee") and standing(choice) == f"in production, but {choice.warning}"
    assert in_status(bench, monkeypatch) == choice.warning
    assert in_the_ui(bench) == (False, "ERROR", choice.warning)


def test_a_lapse_is_said_where_people_look(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(bench.lake, bench.uc.key("model_card"), {"model_card.json": {"made": "again"}}, partition=bench.version)
    choice = choose_version(bench.lake, bench.uc)
    assert choice.warning == "its approval lapsed: model_card changed since"
    assert in_status(bench, monkeypatch) == choice.warning
    found = agreement(bench.instance, bench.lake, bench.uc)
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.metadata["warning"].value == choice.warning


def test_an_erasure_is_said_and_hidden_by_nothing_else(bench: Bench) -> None:
    about = {"use_case": bench.uc.name, "documents": ["x"], "name": "Ada Approver"}
    bench.lake.ledger.append(ERASURE_BEGUN, {**about, "affected_versions": {bench.version: "pairs"}})
    warning = choose_version(bench.lake, bench.uc).warning
    assert "1 documents by Ada Approver, trained on through its pairs" in warning
    lapsed = warning_of(Approval("lapsed", changed=("model_card",), erased_since=("erased",)))
    assert lapsed == "its approval lapsed: model_card changed since; erased"


def test_what_is_not_released_is_no_better_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Bench(tmp_path, monkeypatch)
    made.judge()
    assert standing(choose_version(made.lake, made.uc)) == "not released"
    said(made, "rejected", "a wrong fee")
    assert standing(choose_version(made.lake, made.uc)).startswith("not released, but rejected by Ada Approver")


def test_nothing_answers_while_the_ledger_is_in_doubt(bench: Bench) -> None:
    """Each is one that only the ledger's meaning shows: pointer and chain agree."""
    last = list(bench.lake.ledger.entries("release"))[-1]
    entry = bench.lake.ledger.append("release", {**last.body, "approval": "0" * 64, "previous": bench.version})
    now = production_release(bench.lake, bench.uc)
    assert now is not None
    pointer = {**now.__dict__, "entry": entry.hash, "at": entry.at, "previous": bench.version}
    write_json(bench.lake.home / f"production/{bench.uc.name}.json", pointer)
    with pytest.raises(Refused, match=f"the release of {bench.version} names no earlier approval .*genaiops verify"):
        choose_version(bench.lake, bench.uc)


def test_nothing_answers_once_the_newest_entries_are_gone(bench: Bench) -> None:
    names = sorted(path.name for path in (bench.lake.home / "ledger").glob("*.json"))
    (bench.lake.home / "ledger" / names[-1]).unlink()
    with pytest.raises(Refused, match="genaiops verify"):
        choose_version(bench.lake, bench.uc)
