"""Goals against results: every figure a claim, judged by the newest judgement, risks beside what was measured and
seen."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evidence import Evidence, find_claims, verify_claims
from genaiops_assets.governance.audit import build_goals, missed_goals, render_goals, surprises
from genaiops_assets.governance.risk import Reports, build_fmea, build_register
from tests.governance.incidents.cases import SCOPE, incident
from tests.governance.risk.cases import interval, mode, report, risk
from tests.support.lakes import V1, bank_support

UC = bank_support()
REGISTER = build_register(UC.name, UC.title, "en", [risk(mode(), likelihood=4)])


def evidence(asset: str, document: dict[str, Any]) -> Evidence:
    return Evidence(f"bank_support/{asset}", asset[0] * 64, document)


CRITERIA = evidence(
    "success_criteria",
    {"gates": [{"id": "right", "at_least": 0.5, "slices": ["zh"]}, {"id": "rude", "at_most": 0.01, "slices": []}]},
)


def judged(asset: str, **statuses: str) -> Evidence:
    return evidence(
        asset, {"gates": [{"id": g, "status": s, "value": interval(0.6, 0.5, 0.7)} for g, s in statuses.items()]}
    )


def goals(
    decision: Evidence | None = None,
    in_use: Evidence | None = None,
    measured: float | None = None,
    *seen: dict[str, Any],
) -> Any:
    fmea = None
    if measured is not None:
        reports = Reports(report(interval(1 - measured, 1 - measured, 1, 60)), [])
        fmea = evidence("fmea", build_fmea(REGISTER, V1, reports))
    sources = {
        "criteria": CRITERIA,
        "scope": SCOPE,
        "register": evidence("risk_register", REGISTER),
        "incidents": evidence("incidents", {"incidents": list(seen)}),
        "rescoping": evidence("rescoping_request", {"days": [{}], "open": []}),
        "decision": decision,
        "in_use": in_use,
        "fmea": fmea,
    }
    made = build_goals(UC, **sources, version=V1)
    known = {e.asset: e.document for e in sources.values() if e}
    assert verify_claims(made, lambda asset, digest: known[asset]) == [] and find_claims(made)
    return made


@pytest.mark.parametrize(
    ("decision", "in_use", "states"),
    [
        (None, None, ["unknown", "unknown"]),
        (judged("release_decision", right="pass", rude="undecided"), None, ["met", "undecided"]),
        (
            judged("release_decision", right="pass", rude="pass"),
            judged("production_evaluation", right="fail", rude="pass"),
            ["missed", "met"],
        ),
        (judged("release_decision", right="pass", right_zh="fail", rude="pass"), None, ["missed", "met"]),
        (
            judged("release_decision", right="fail", rude="fail"),
            judged("production_evaluation", right="pass", rude="pass"),
            ["met", "met"],
        ),
    ],
)
def test_a_goal_is_met_by_the_newest_judgement_and_its_worst_slice(
    decision: Any, in_use: Any, states: list[str]
) -> None:
    found = goals(decision, in_use)
    assert [c["state"] for c in found["criteria"]] == states
    assert missed_goals(found) == [name for name, s in zip(("right", "rude"), states, strict=True) if s == "missed"]


def test_a_risk_that_is_likelier_than_assumed_shows_and_incidents_are_counted() -> None:
    calm = goals(measured=0.0001)
    assert surprises(calm) == [] and calm["risks"][0]["seen"] == 0
    hits = [
        incident(failure_modes=["invented/answers-anyway"]),
        incident(id="b", about=["invented"]),
        incident(id="c", severity="near_miss", about=["invented"]),
    ]
    worse = goals(None, None, 0.2, *hits)
    assert surprises(worse) == ["Invented answers"] and worse["risks"][0]["seen"] == 2
    assert "▲" in render_goals(worse, "en") and "成功标准" in render_goals(worse, "zh")
