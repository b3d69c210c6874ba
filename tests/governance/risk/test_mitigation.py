"""The mitigation plan: rows from records, what nothing answers, what cannot be verified, what is late on a day."""

from __future__ import annotations

from datetime import date

import pytest

from genaiops_assets.governance.risk import build_mitigation_plan, late_actions
from tests.governance.risk.cases import mitigation, mode, read, risk
from tests.support.lakes import bank_support

UC = bank_support()


def test_an_action_says_what_it_is_about_and_which_failure_modes_name_it() -> None:
    records = [risk(mode(actions=["agents-read"])), mitigation(strategy="avoid", verified_by="gate:golden_recall")]
    plan = build_mitigation_plan(UC, records)
    (row,) = plan["actions"]
    assert (row["risks"], row["failure_modes"]) == (["invented"], ["answers-anyway"])
    assert (row["strategy"], row["owner"], row["due"]) == ("avoid", "Ben Builder", "2026-12-24")
    assert (plan["untreated"], plan["problems"]) == ([], [])
    assert mitigation() == {k: v for k, v in mitigation().items() if k not in ("strategy", "verified_by")}, (
        "records that say neither keep their digest"
    )


def test_an_open_risk_that_nothing_answers_is_named() -> None:
    accepted = {
        "kind": "acceptance",
        "id": "yes",
        "title": "Accepted",
        "author": "Ada Approver",
        "written_on": "2026-11-03",
        "expires": "2027-03-31",
        "about": ["accepted"],
        "text": "What is left is acceptable.",
    }
    records = [
        risk(),
        mitigation(),
        risk(id="bare"),
        risk(id="closed", done_on="2026-11-20"),
        risk(id="accepted"),
        read(accepted),
    ]
    assert build_mitigation_plan(UC, records)["untreated"] == ["bare"]


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("gate:no_such_gate", "success_criteria has no gate 'no_such_gate'"),
        ("eval_report#/suites/no_suite/cells", "has no suite 'no_suite'"),
        ("looks good", "is no link: write gate:ID or ASSET#/POINTER"),
    ],
)
def test_what_shows_an_effect_has_to_be_there(link: str, why: str) -> None:
    (problem,) = build_mitigation_plan(UC, [risk(), mitigation(verified_by=link)])["problems"]
    assert problem.startswith("agents-read: ") and why in problem


def test_a_failure_mode_that_names_an_action_nobody_wrote_is_a_problem() -> None:
    (problem,) = build_mitigation_plan(UC, [risk(mode(actions=["not-there"])), mitigation()])["problems"]
    assert problem == "failure mode answers-anyway of invented names the action not-there, which is no mitigation here"


def test_an_action_is_late_the_day_after_it_was_due_until_it_is_done() -> None:
    plan = build_mitigation_plan(UC, [risk(), mitigation(), mitigation(id="earlier", due="2026-12-01")])
    assert late_actions(plan, date(2026, 12, 1)) == []
    assert [late.split(" ")[0] for late in late_actions(plan, date(2026, 12, 25))] == ["earlier", "agents-read"]
    assert "was due on 2026-12-24, Ben Builder sees to it" in late_actions(plan, date(2026, 12, 25))[1]
    done = build_mitigation_plan(UC, [risk(), mitigation(done_on="2026-12-20")])
    assert late_actions(done, date(2027, 1, 1)) == []
