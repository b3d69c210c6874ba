"""Acceptances of residual risks: who may give one, what it is bound to, when it holds no more, and what that forbids."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import approval_in_words
from genaiops_assets.governance.risk import Residual, acceptors, blocking_findings, residual_risks
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.governance.deciding import approve, promote
from tests.governance.risk.cases import read, risk
from tests.support.lakes import PACKAGED, V1, V2, bank_support, candidate, publish

TODAY = date(2026, 12, 1)
FAR = "2999-12-31"


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def reported(lake: Lake, uc: UseCase, version: str = V1, of: int = 1) -> str:
    """The version's report; its digest."""
    return publish(lake, uc.key("eval_report"), {"eval_report.json": {"of": of}}, partition=version).digest


def acceptance(seen: str, **changes: Any) -> dict[str, Any]:
    given = {
        "kind": "acceptance",
        "id": "accept-invented",
        "title": "What is left is acceptable",
        "author": "Ada Approver",
        "written_on": "2026-11-03",
        "expires": "2027-03-31",
        "about": ["invented"],
        "text": "One invented answer in a hundred is acceptable here.",
        "bound": {"eval_report": seen[:12]},
    }
    return read({**given, **changes})


def stands(lake: Lake, uc: UseCase, *records: dict[str, Any], version: str = V1, today: date = TODAY) -> Residual:
    (found,) = residual_risks(lake, uc, version, records, today)
    return found


MARKED = risk(needs_acceptance=True)


def test_a_risk_that_needs_none_is_not_waited_for_and_one_that_does_waits_by_name(lake: Lake, uc: UseCase) -> None:
    digest = reported(lake, uc)
    assert stands(lake, uc, risk()).state == "not_needed" and not stands(lake, uc, risk()).blocks
    waiting = stands(lake, uc, MARKED)
    assert waiting.state == "missing" and waiting.blocks
    assert f"bound: {{eval_report: {digest[:12]}}}" in waiting.why, "it says what to write"


def test_an_acceptance_by_an_approver_who_saw_this_report_holds_until_its_last_day(lake: Lake, uc: UseCase) -> None:
    accepted = acceptance(reported(lake, uc))
    for day in (TODAY, date(2027, 3, 31)):
        found = stands(lake, uc, MARKED, accepted, today=day)
        assert (found.state, found.by, found.acceptance) == ("holds", "Ada Approver", "accept-invented")
    late = stands(lake, uc, MARKED, accepted, today=date(2027, 4, 1))
    assert late.state == "expired" and late.blocks and "expired on 2027-03-31" in late.why


def test_it_lapses_when_the_report_or_anything_else_it_is_bound_to_is_another_one(lake: Lake, uc: UseCase) -> None:
    saw = reported(lake, uc)
    register = publish(lake, uc.key("risk_register"), {"risk_register.json": {"risks": 1}}).digest
    accepted = acceptance(saw, bound={"eval_report": saw[:12], "risk_register": register[:12]})
    assert stands(lake, uc, MARKED, accepted).state == "holds"
    publish(lake, uc.key("risk_register"), {"risk_register.json": {"risks": 2}})
    lapsed = stands(lake, uc, MARKED, accepted)
    assert lapsed.state == "lapsed" and "risk_register is another one" in lapsed.why
    reported(lake, uc, of=2)
    assert "eval_report, risk_register is another one" in stands(lake, uc, MARKED, accepted).why
    reported(lake, uc, V2, of=3)
    assert stands(lake, uc, MARKED, acceptance(saw), version=V2).state == "lapsed", "another version, another report"


@pytest.mark.parametrize(
    ("author", "may"), [("Ada Approver", True), ("ada  approver", True), ("Ben Builder", False), ("Olga Owner", False)]
)
def test_only_who_may_accept_accepts(lake: Lake, uc: UseCase, author: str, may: bool) -> None:
    found = stands(lake, uc, MARKED, acceptance(reported(lake, uc), author=author))
    assert found.state == ("holds" if may else "without_authority")
    assert may or "Ada Approver, Arif Approver may" in found.why


def test_a_role_that_answers_for_risks_accepts_and_a_builder_in_it_does_not(lake: Lake, uc: UseCase) -> None:
    roles = {"ethics_and_compliance": ["Eva Ethics"], "legal": ["Ben Builder"], "data_scientist": ["Dan Data"]}
    uc = uc.model_copy(update={"people": uc.people.model_copy(update={"roles": roles})})
    assert acceptors(uc) == ["Ada Approver", "Arif Approver", "Eva Ethics"]
    assert stands(lake, uc, MARKED, acceptance(reported(lake, uc), author="Eva Ethics")).state == "holds"


@pytest.mark.parametrize("bound", [{}, {"risk_register": "0123456789ab"}, {"eval_report": "0"}])
def test_who_does_not_say_what_they_saw_accepts_nothing(lake: Lake, uc: UseCase, bound: dict[str, str]) -> None:
    saw = reported(lake, uc)
    bound = {**bound, **({"eval_report": saw[:2]} if "eval_report" in bound else {})}
    assert stands(lake, uc, MARKED, acceptance(saw, bound=bound)).state == "unbound"


def test_of_several_acceptances_the_one_that_holds_counts_and_a_closed_one_does_not(lake: Lake, uc: UseCase) -> None:
    saw = reported(lake, uc)
    by_builder = acceptance(saw, id="first", author="Ben Builder")
    assert stands(lake, uc, MARKED, by_builder, acceptance(saw, id="second")).acceptance == "second"
    withdrawn = acceptance(saw, done_on="2026-11-30")
    assert stands(lake, uc, MARKED, withdrawn).state == "missing"
    closed = risk(needs_acceptance=True, done_on="2026-11-30")
    assert residual_risks(lake, uc, V1, [closed], TODAY) == []


def test_a_chinese_use_case_names_its_own_people(lake: Lake) -> None:
    zh = load_use_case(PACKAGED / "library_zh")
    marked = risk(needs_acceptance=True, author="林知远", owner="林知远")
    saw = reported(lake, zh)
    assert stands(lake, zh, marked, acceptance(saw, author="高书文")).state == "holds"
    assert (
        "陈一帆, who may not accept risks: 高书文 may" in stands(lake, zh, marked, acceptance(saw, author="陈一帆")).why
    )


# --- what it forbids ----------------------------------------------------------------------------------------------


def published(lake: Lake, uc: UseCase, *records: dict[str, Any]) -> None:
    publish(lake, uc.key("records"), {"records.json": {"records": list(records)}})


def test_a_finding_names_risk_and_reason_and_is_gone_when_it_is_cured(lake: Lake, uc: UseCase) -> None:
    assert blocking_findings(lake, uc, V1, TODAY) == [], "nobody wrote a record yet"
    saw = reported(lake, uc)
    published(lake, uc, MARKED, acceptance(saw))
    assert blocking_findings(lake, uc, V1, TODAY) == []
    (found,) = blocking_findings(lake, uc, V1, date(2027, 6, 1))
    assert found.startswith("residual risk invented (Invented answers): accept-invented by Ada Approver expired")


def test_nobody_approves_or_promotes_past_an_acceptance_that_ended_after_the_decision(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc)
    saw = lake.heads.digest(uc.key("eval_report"), V1)
    published(lake, uc, MARKED, acceptance(saw, expires="2026-11-04"))
    with pytest.raises(Refused, match=r"may not be released: residual risk invented .* expired on 2026-11-04"):
        approve(lake, uc)
    published(lake, uc, MARKED, acceptance(saw, expires=FAR))
    assert approve(lake, uc).status == "approved"
    published(lake, uc, MARKED)
    with pytest.raises(Refused, match="nobody accepted it"):
        promote(lake, uc)
    published(lake, uc, MARKED, acceptance(saw, expires=FAR))
    assert promote(lake, uc).model_version == V1


def decided(lake: Lake, uc: UseCase, **decision: Any) -> None:
    found = lake.current(uc.key("release_decision"), V1)
    inputs = found.json("decision.json")["evidence"]
    kept = {k: v for k, v in found.json("decision.json").items() if k not in ("by_gates", "blocked_by")}
    content = {**kept, **decision}
    publish(lake, uc.key("release_decision"), {"decision.json": content}, partition=V1, inputs=inputs)


def test_a_decision_that_only_a_finding_made_a_no_go_is_not_final(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc)
    decided(lake, uc, verdict="no_go", by_gates="go", blocked_by=["residual risk x"])
    with pytest.raises(Refused, match="is a no_go: residual risk x; when that is cured, genaiops run decides again"):
        approve(lake, uc)
    said = approval_in_words(lake, uc, V1)
    assert "no_go until what blocks it is cured" in said.state and said.gates[0] == "residual risk x"
    decided(lake, uc, verdict="go", cured=True)
    assert approve(lake, uc).status == "approved"


@pytest.mark.parametrize("by_gates", ["no_go", None])
def test_a_no_go_by_the_gates_stays_final_whatever_was_cured(lake: Lake, uc: UseCase, by_gates: str | None) -> None:
    candidate(lake, uc)
    blocked = {"by_gates": by_gates, "blocked_by": ["residual risk x"]} if by_gates else {}
    decided(lake, uc, verdict="no_go", **blocked)
    decided(lake, uc, verdict="go", cured=True)
    with pytest.raises(Refused, match="final for this version"):
        approve(lake, uc)
