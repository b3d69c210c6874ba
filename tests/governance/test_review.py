"""The internal review: what its minutes say, when it is overdue, and the whole of it as Dagster runs it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.drift import settle_tasks
from genaiops_assets.evidence import placeholders
from genaiops_assets.governance.compliance import (
    build_review,
    confirmed_by,
    last_review,
    render_review,
    review_due,
    what_happened,
)
from genaiops_assets.governance.records import KINDS
from genaiops_assets.governance.release import decide, release
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.lakes import V1, bank_support, candidate, publish

UC = bank_support()
DAY = date(2026, 11, 1)
WHOLE: dict[str, Any] = {"problems": [], "artifacts": 3, "entries": 9, "head": "f" * 64}
QUIET: dict[str, Any] = {
    "held_on": DAY,
    "previous": None,
    "verified": WHOLE,
    "production": None,
    "red": [],
    "warned": [],
    "tasks": [],
    "late_records": [],
    "incidents": [],
    "coverage": None,
    "happened": {"entries": {}, "releases": [], "approvals": [], "checks_failed": []},
}
JUDGED = {"model_version": V1, "judged_on": "2026-11-01", "verdict": "go", "failed_gates": ""}
TASK = {"what": "add documents", "owner": "Olga", "due": "2026-10-01", "why": "gaps", "overdue": True}


def found(**changes: Any) -> list[tuple[str, str]]:
    review = build_review(UC, **{**QUIET, **changes})
    return [(finding["severity"], finding["what"]) for finding in review["findings"]]


# --- what it finds
# ---------------------------------------------------------------------------------------------------------


def test_a_quiet_month_has_no_findings() -> None:
    assert found() == found(production=JUDGED, warned=["a:b"], tasks=[{**TASK, "overdue": False}]) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"verified": {**WHOLE, "problems": ["x: altered"]}}, "verify: x: altered"),
        ({"production": {**JUDGED, "verdict": "no_go", "failed_gates": "f1"}}, f"production {V1} fails f1"),
        ({"red": ["datasheet:claims_hold"]}, "check is red: datasheet:claims_hold"),
        ({"tasks": [TASK]}, "overdue: add documents (Olga)"),
        ({"late_records": ["r1 is late"]}, "overdue record: r1 is late"),
    ],
)
def test_each_serious_thing_is_a_finding(change: dict[str, Any], what: str) -> None:
    assert found(**change) == [("serious", what)]


def test_a_judgement_of_another_day_and_an_open_incident_are_notes() -> None:
    old = {**JUDGED, "judged_on": "2026-10-26"}
    incident = {"id": "i1", "title": "Wrong fee", "owner": "Olga"}
    assert [severity for severity, _ in found(production=old, incidents=[incident])] == ["note", "note"]


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_the_page_says_it_in_the_language_of_the_use_case(name: str) -> None:
    uc = load_use_case(PACKAGED / name)
    happened = {
        "entries": {"release": 1},
        "releases": [{"at": "2026-11-01", "kind": "promote", "model_version": V1, "by": "Olga"}],
        "approvals": [{"at": "2026-11-01", "decision": "approved", "model_version": V1, "name": "Ada"}],
        "checks_failed": [],
    }
    page = render_review(
        build_review(
            uc,
            **{**QUIET, "production": JUDGED, "red": ["a:b"], "happened": happened, "coverage": {"rows": {"gap": 2}}},
        )
    )
    assert not placeholders(page) and V1 in page and "`a:b`" in page and page.count("Olga") == 1


# --- what happened, and when the next one is due
# ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def test_what_happened_counts_from_the_entry_after_the_last_review_and_only_this_use_case(lake: Lake) -> None:
    lake.ledger.append("check_failed", {"use_case": UC.name, "check": "old"})
    lake.ledger.append("check_failed", {"use_case": UC.name, "check": "new"})
    lake.ledger.append("check_failed", {"use_case": "another", "check": "theirs"})
    lake.ledger.append("materialized", {"asset": "another/thing"})
    lake.ledger.append("run_failed", {"run_id": "1"})
    happened = what_happened(lake, UC, 1)
    assert happened["checks_failed"] == ["new"] and happened["entries"] == {"check_failed": 1, "run_failed": 1}


def held(lake: Lake, day: date) -> str:
    content = build_review(UC, **{**QUIET, "held_on": day})
    return publish(lake, UC.key("internal_review"), {"internal_review.json": content}).digest


def test_a_review_is_due_after_the_last_one_or_after_the_first_output(lake: Lake) -> None:
    assert review_due(lake, UC) is None
    publish(lake, UC.key("documents"), {"documents.json": {}})
    today = datetime.now(UTC).date()
    assert review_due(lake, UC) == (today + timedelta(days=38), f"the first output on {today}")
    held(lake, DAY)
    assert review_due(lake, UC) == (date(2026, 12, 9), "the review of 2026-11-01")


def test_minutes_are_confirmed_by_a_persons_record_of_their_digest() -> None:
    stated = {"id": "nov", "title": "November", "author": "Olga Owner", "written_on": DAY, "text": "We read them all."}
    digest = "abcdef0123456789" * 4

    def minutes(bound: str, **more: Any) -> Any:
        more = {"kind": "minutes", "present": ["Olga Owner"], **more}
        return KINDS[more["kind"]].model_validate({**stated, "bound": {"internal_review": bound}, **more})

    assert confirmed_by([minutes(digest[:8])], digest) == "Olga Owner on 2026-11-01 (nov)"
    assert confirmed_by([minutes(digest[:7])], digest) == confirmed_by([minutes("0" * 8)], digest) == ""
    assert confirmed_by([minutes("")], digest) == ""
    risk = {"kind": "risk", "likelihood": 1, "severity": 1, "owner": "Olga Owner", "present": None}
    stated_risk = {k: v for k, v in {**stated, **risk}.items() if v is not None}
    bound = KINDS["risk"].model_validate({**stated_risk, "bound": {"internal_review": digest}})
    assert confirmed_by([bound], digest) == ""


# --- the whole of it
# ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(home=str(tmp_path / "home"))


def run(platform: Platform, job: str, instance: dg.DagsterInstance, *assets: str) -> dict[str, bool]:
    """Runs a job (of it only these assets). Returns the verdicts of its checks."""
    keys = [dg.AssetKey([UC.name, name]) for name in assets]
    definitions = build_defs([UC], platform)
    done = definitions.resolve_job_def(f"{UC.name}__{job}").execute_in_process(
        instance=instance,
        resources={"platform": platform},
        asset_selection=keys or None,
        partition_key=datetime.now(UTC).date().isoformat() if assets else None,
    )
    return {e.check_name: e.passed for e in done.get_asset_check_evaluations()}


def review(platform: Platform, instance: dg.DagsterInstance) -> tuple[dict[str, Any], dict[str, bool]]:
    verdicts = run(platform, "review", instance, "records", "coverage_matrix", "internal_review")
    return platform.lake.current(UC.key("internal_review")).json("internal_review.json"), verdicts


def test_the_review_verifies_every_byte_and_follows_the_one_before(platform: Platform) -> None:
    lake = platform.lake
    made = publish(lake, UC.key("documents"), {"documents.json": {"counts": 1}})
    with dg.DagsterInstance.ephemeral() as instance:
        first, verdicts = review(platform, instance)
        assert first["verified"]["problems"] == [] and first["verified"]["artifacts"] >= 1
        assert first["previous"] is None and first["findings"] == [] and first["coverage"]
        assert verdicts["review_is_in_time"] and verdicts["review_found_nothing_serious"]
        assert not verdicts["minutes_are_confirmed"]
        one = last_review(lake, UC)
        altered = made.local("documents.json")
        altered.chmod(0o600)
        altered.write_text(json.dumps({"counts": 2}))
        second, verdicts = review(platform, instance)
    assert any("documents.json: altered after publication" in problem for problem in second["verified"]["problems"])
    assert second["previous"]["digest"] == one["digest"] and not verdicts["review_found_nothing_serious"]
    assert "materialized" in second["happened"]["entries"]


def test_the_review_names_the_verdict_on_production_and_red_checks(platform: Platform) -> None:
    lake, today = platform.lake, datetime.now(UTC).date().isoformat()
    candidate(lake, UC, V1)
    decide(lake, UC, V1, name="Ada Approver", decision="approved", reason="read the card")
    release(lake, UC, V1, kind="promote", by="Olga Owner", reason="a demonstration")
    gates = [{"id": "answer_f1", "status": "fail"}]
    judged = {"model_version": V1, "verdict": "no_go", "gates": gates}
    publish(lake, UC.key("production_evaluation"), {"production_evaluation.json": judged}, partition=today)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey([UC.name, "eval_report"]), check_name="every_item_answered", passed=False,
                metadata={},
            )
        )  # fmt: skip
        found, _ = review(platform, instance)
    assert found["production"] == {
        "model_version": V1,
        "judged_on": today,
        "verdict": "no_go",
        "failed_gates": "answer_f1",
    }
    assert [r["model_version"] for r in found["happened"]["releases"]] == [V1]
    assert {f["what"] for f in found["findings"]} >= {
        f"production {V1} fails answer_f1",
        "check is red: eval_report:every_item_answered",
    }


def test_the_daily_job_turns_red_when_the_review_is_overdue_or_a_task_is(platform: Platform) -> None:
    lake, today = platform.lake, datetime.now(UTC).date()
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(platform, "dates_due", instance)["review_is_in_time"], "nothing was made yet"
        held(lake, today - timedelta(days=38))
        figures = {"recommendation": "add documents", "why": "gaps", "interactions": "aa", "enough": True}
        settle_tasks(lake, UC, "2026-11-24", figures, today - timedelta(days=14))
        in_time = run(platform, "dates_due", instance)
        assert in_time["review_is_in_time"] and in_time["no_task_is_overdue"]
    late = bank_support(monitoring=UC.monitoring.model_copy(update={"review_within_days": 37}))
    definitions = build_defs([late], platform)
    done = definitions.resolve_job_def(f"{UC.name}__dates_due").execute_in_process(resources={"platform": platform})
    assert {e.check_name: (e.passed, e.severity.value) for e in done.get_asset_check_evaluations()}[
        "review_is_in_time"
    ] == (False, "ERROR")


def test_a_knowledge_gap_that_nobody_saw_to_turns_red(platform: Platform) -> None:
    figures = {"recommendation": "add documents", "why": "gaps", "interactions": "aa", "enough": True}
    settle_tasks(platform.lake, UC, "2026-11-01", figures, datetime.now(UTC).date() - timedelta(days=15))
    with dg.DagsterInstance.ephemeral() as instance:
        assert not run(platform, "dates_due", instance)["no_task_is_overdue"]
