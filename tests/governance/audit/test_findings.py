"""Findings and post-mortems: opened by a review, closed by a later one or a person, owed after grave incidents, late
by a given day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.drift import open_tasks
from genaiops_assets.evidence import Evidence, find_claims, find_gaps
from genaiops_assets.governance.audit import (
    build_findings,
    build_post_mortems,
    late_findings,
    late_post_mortems,
    render_findings,
    render_post_mortems,
    review_findings,
    settle_findings,
)
from genaiops_assets.governance.records import KINDS
from genaiops_assets.governance.tasks import close_by_hand
from genaiops_assets.lake import Lake
from tests.governance.incidents.cases import incident
from tests.governance.risk.cases import mitigation
from tests.support.lakes import bank_support

UC = bank_support()
NOTHING = {"incidents": [], "unanswered": []}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def review(day: str, *serious: str) -> dict[str, Any]:
    found = [{"severity": "serious", "what": what} for what in serious]
    return {"held_on": day, "digest": f"digest of {day}", "findings": [*found, {"severity": "note", "what": "small"}]}


def finding(**changes: Any) -> dict[str, Any]:
    given = {
        "kind": "finding",
        "id": "no-second-look",
        "title": "Nobody looks at the log of refusals",
        "author": "Ada Approver",
        "written_on": "2026-12-01",
        "text": "Refusals are logged and nobody reads them.",
        "severity": "serious",
        "owner": "Ben Builder",
        "due": "2026-12-15",
    }
    return KINDS["finding"].model_validate(given | changes).model_dump(mode="json")


def post_mortem(**changes: Any) -> dict[str, Any]:
    given = {
        "kind": "post_mortem",
        "id": "why-wrong-fee",
        "title": "Why a wrong fee was sent",
        "author": "Olga Owner",
        "written_on": "2026-12-05",
        "text": "An outdated article stood in the index for a night.",
        "incidents": ["wrong-fee"],
        "root_cause": "The refresh had failed and nobody was told.",
        "actions": ["agents-read"],
    }
    return KINDS["post_mortem"].model_validate(given | changes).model_dump(mode="json")


def test_a_serious_finding_is_opened_once_and_closed_by_the_review_that_misses_it(lake: Lake) -> None:
    settle_findings(lake, UC, None)
    for _ in range(2):
        settle_findings(lake, UC, review("2026-12-01", "check is red: a:b", "overdue: something else"))
    settle_findings(lake, UC, review("2027-01-01", "check is red: a:b", "verify: a byte differs"))
    assert [t.what for t in open_tasks(lake, UC)] == ["finding: check is red: a:b", "finding: verify: a byte differs"]
    settle_findings(lake, UC, review("2027-02-01", "verify: a byte differs"))
    rows = {f["what"]: f for f in review_findings(lake, UC)}
    assert rows["check is red: a:b"]["closed_by"] == "digest of 2027-02-01"
    assert (rows["check is red: a:b"]["due"], rows["check is red: a:b"]["owner"]) == ("2026-12-15", "Olga Owner")
    assert rows["verify: a byte differs"]["closed_on"] == ""


def test_a_person_closes_a_finding_with_a_reason_and_a_later_review_opens_it_again(lake: Lake) -> None:
    settle_findings(lake, UC, review("2026-12-01", "verify: a byte differs"))
    (task,) = open_tasks(lake, UC)
    close_by_hand(lake, UC, task.id, name="Olga Owner", reason="restored from the copy")
    (row,) = review_findings(lake, UC)
    assert (row["closed_by"], row["answer"]) == ("Olga Owner", "restored from the copy")
    settle_findings(lake, UC, review("2026-12-01", "verify: a byte differs"))
    assert open_tasks(lake, UC) == [], "the same minutes open nothing twice"
    settle_findings(lake, UC, review("2027-01-01", "verify: a byte differs"))
    assert len(open_tasks(lake, UC)) == 1


def test_findings_of_people_and_incidents_are_late_from_the_day_after(lake: Lake) -> None:
    log = {"incidents": [incident()], "unanswered": ["wrong-fee hit a/b, which no mitigation answers"]}
    found = build_findings(UC, review_findings(lake, UC), [finding(), mitigation()], log)
    assert [(f["origin"], f["due"]) for f in found["findings"]] == [
        ("person", "2026-12-15"),
        ("incident", "2026-12-15"),
    ]
    assert late_findings(found, date(2026, 12, 15)) == []
    assert [line.partition(":")[0] for line in late_findings(found, date(2026, 12, 16))] == [
        "no-second-look",
        "wrong-fee",
    ]
    closed = build_findings(UC, [], [finding(done_on="2026-12-20", answer="Olga reads them each week.")], NOTHING)
    assert late_findings(closed, date(2027, 6, 1)) == []
    assert "Olga reads them each week." in render_findings(closed, "en") and "已关闭" in render_findings(closed, "zh")


@pytest.mark.parametrize("wrong", [{"done_on": "2026-12-20"}, {"due": None}, {"severity": "huge"}])
def test_a_finding_without_owner_day_or_answer_is_no_record(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)) if "done_on" not in wrong else "answer"):
        finding(**wrong)


def evidence_of(*incidents: dict[str, Any], records: tuple[dict[str, Any], ...] = ()) -> tuple[Evidence, Evidence]:
    log = Evidence("bank_support/incidents", "a" * 64, {"incidents": list(incidents)})
    return log, Evidence("bank_support/records", "b" * 64, {"records": list(records)})


@pytest.mark.parametrize(("severity", "owed"), [("near_miss", 0), ("minor", 0), ("major", 1), ("serious", 1)])
def test_a_grave_incident_owes_a_post_mortem_ten_days_after_it_was_known(severity: str, owed: int) -> None:
    found = build_post_mortems(UC, *evidence_of(incident(severity=severity)))
    assert len(found["post_mortems"]) == len(find_gaps(found)) == owed
    assert late_post_mortems(found, date(2026, 12, 11)) == []
    assert len(late_post_mortems(found, date(2026, 12, 12))) == owed


def test_what_was_written_fills_the_gap_with_claims_and_is_about_minor_ones_too() -> None:
    small = incident(id="small", severity="minor")
    records = (mitigation(), post_mortem(incidents=["wrong-fee", "small"]))
    found = build_post_mortems(UC, *evidence_of(incident(), small, records=records))
    assert find_gaps(found) == [] and found["problems"] == [] and len(found["post_mortems"]) == 2
    assert late_post_mortems(found, date(2030, 1, 1)) == []
    assert "/records/1/root_cause" in {c["pointer"] for c in find_claims(found)}
    assert "nobody was told" in render_post_mortems(found, "en") and "根本原因" in render_post_mortems(found, "zh")


def test_a_post_mortem_about_nothing_and_an_action_that_is_none_are_problems() -> None:
    records = (post_mortem(incidents=["never"], actions=["dream"]),)
    found = build_post_mortems(UC, *evidence_of(incident(), records=records))
    assert found["problems"] == ["why-wrong-fee: there is no incident never", "why-wrong-fee: dream is no mitigation"]
    with pytest.raises(ValueError, match="actions or no_action"):
        post_mortem(actions=[])
