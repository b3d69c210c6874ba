"""Rules of a policy: mistakes by line, three outcomes with their reasons, and verdicts that are right where given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.reasoning import (
    BadQuestion,
    Policy,
    Refuter,
    conclusions_in,
    decide,
    facts_in,
    judge_cases,
    policy_problems,
    read_cases,
    read_policy,
)
from genaiops_assets.use_case import UseCaseError
from tests.reasoning.oracle import POLICIES, Facts, cases_file, home_insurance, written
from tests.reasoning.oracle import Policy as Labelled

LOAN = """policy: loan
title: A loan
text: Who earns more than 2000 gets a loan. Who is in arrears gets none. A loan of before 2020-01-01 is free of fees.
variables:
  income: {type: number, at_least: 0, ask: "What is the income?", unit: [EUR a month]}
  arrears: {type: yes_no, ask: "Are there arrears?"}
  since: {type: day, ask: "Since when?"}
  loan: {type: yes_no, ask: "Is there a loan?"}
  free: {type: yes_no, ask: "Is it free of fees?"}
rules:
  - {id: earns, quote: Who earns more than 2000 gets a loan., when: income > 2000, then: loan%s}
  - {id: arrears_first, quote: Who is in arrears gets none., when: arrears, then: not loan}
  - {id: old, quote: A loan of before 2020-01-01 is free of fees., when: since < "2020-01-01", then: free}
"""


def loan(tmp_path: Path, text: str = LOAN % ", unless: [arrears_first]") -> Policy:
    file = tmp_path / "loan.yaml"
    file.write_text(text, "utf-8")
    return read_policy(file)


def packaged(labelled: Labelled) -> Policy:
    return read_policy(cases_file(labelled).with_name(f"{labelled.name}.yaml"))


@pytest.mark.parametrize("labelled", POLICIES, ids=lambda p: p.name)
def test_the_packaged_policies_are_sound_on_cases_labelled_without_a_solver(labelled: Labelled) -> None:
    file = cases_file(labelled)
    assert file.read_text("utf-8") == written(labelled), "run python -m tests.reasoning.oracle"
    policy, cases = packaged(labelled), read_cases(file)
    assert policy_problems(policy) == []
    found = judge_cases(policy, cases)
    assert len(cases) == 120 and found["wrong"] == [] and found["given"] >= 70
    assert found["recall"]["mean"] > 0.85 and 0 < found["abstained"]["mean"] < 0.5


@given(case=st.fixed_dictionaries({n: st.sampled_from(v) for n, v in POLICIES[1].values.items()}))
@settings(max_examples=40, deadline=None)
def test_a_whole_case_is_decided_as_plain_code_decides_it(case: Facts) -> None:
    expected = "proven" if home_insurance(case)["covered"] else "refuted"
    assert decide(packaged(POLICIES[1]), case, "covered").verdict == expected


def test_an_outcome_names_what_it_rests_on_and_no_more() -> None:
    policy = packaged(POLICIES[1])
    found = decide(policy, {"cause": "pipe", "gradual": True, "damage": 900}, "covered")
    assert (found.verdict, found.rules, found.facts) == ("refuted", ["came_gradually"], ["gradual as stated"])


def test_what_is_not_decided_says_what_to_ask() -> None:
    known = {"cause": "pipe", "gradual": False, "empty_days": 0, "days_to_report": 2}
    found = decide(packaged(POLICIES[1]), known, "covered")
    assert found.verdict == "unknown" and found.asks[0]["variable"] == "wear" and found.asks[0]["decides"]
    assert decide(packaged(POLICIES[1]), {**known, "wear": False}, "covered").verdict == "proven"


def test_facts_against_the_rules_decide_nothing(tmp_path: Path) -> None:
    policy = loan(tmp_path)
    found = decide(policy, {"income": -5}, "loan")
    assert found.verdict == "unknown" and found.contradiction == ["income as stated", "income at_least"]


def test_days_are_compared_as_days(tmp_path: Path) -> None:
    policy = loan(tmp_path)
    assert decide(policy, {"since": "2019-12-31"}, "free").verdict == "proven"
    assert decide(policy, {"since": "2020-01-01"}, "free").verdict == "unknown"  # the rule says nothing of later ones


def test_rules_that_contradict_each_other_are_named_and_unless_mends_it(tmp_path: Path) -> None:
    assert policy_problems(loan(tmp_path)) == []
    (problem,) = policy_problems(loan(tmp_path, LOAN % ""))
    assert "earns and arrears_first" in problem and "unless" in problem


def test_a_rule_that_never_applies_is_named(tmp_path: Path) -> None:
    dead = LOAN.replace("when: arrears,", "when: income < 0,") % ""
    assert any(
        "arrears_first never applies" in p and "income at_least" in p for p in policy_problems(loan(tmp_path, dead))
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("income > 2000", "incom > 2000", "11: rules.0.when: incom is no variable"),
        ("income > 2000", "income", "neither true nor false"),
        ("income > 2000", "income > arrears", "compares a number with a yes_no"),
        ("income > 2000", "__import__('os')", "only and, or, not"),
        ("income > 2000", "income * income > 4", "cannot be multiplied"),
        ("income > 2000", "income > ", "cannot be read"),
        ("since < ", "since <= arrears or since < ", "compares a day with a yes_no"),
        ('"2020-01-01"', '"soon"', "is no day"),
        ("quote: Who is in arrears gets none.", "quote: Who is poor gets none.", "12: rules.1.quote"),
        ("id: old", "id: earns", "earns is there twice"),
        ("[arrears_first]", "[nothing]", "no rule nothing"),
        ("[arrears_first]", "[earns]", "cannot give way to itself"),
        ("then: free", "than: free", "required"),
        ("type: day", "type: choice", "choices belong to"),
    ],
)
def test_a_mistake_names_file_line_and_field(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (LOAN % ", unless: [arrears_first]").replace(old, new)
    with pytest.raises(UseCaseError) as raised:
        loan(tmp_path, text)
    assert words in str(raised.value) and "loan.yaml" in str(raised.value)


@pytest.mark.parametrize(
    ("facts", "claim", "words"),
    [
        ({"wage": 1}, "loan", "wage is no variable"),
        ({"loan": True}, "loan", "is what the rules of loan conclude"),
        ({"income": "much"}, "loan", "is a number"),
        ({"arrears": 1}, "loan", "yes or no"),
        ({"since": "soon"}, "loan", "no day"),
        ({}, "loans", "loans is no variable"),
    ],
)
def test_a_question_the_policy_cannot_speak_about_is_refused(
    tmp_path: Path, facts: dict[str, Any], claim: str, words: str
) -> None:
    with pytest.raises(BadQuestion, match=words):
        decide(loan(tmp_path), facts, claim)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("A pipe burst. It came suddenly.", {"cause": "pipe", "gradual": False}),
        ("A pipe burst, but not suddenly.", {"cause": "pipe"}),
        ("If it came suddenly, what then?", {}),
        ("It came suddenly. No, it went on for weeks.", {}),
        ("The damage is 1,250.50 EUR.", {"damage": 1250.5}),
        ("The damage is 100 EUR or 200 EUR.", {}),
    ],
)
def test_what_a_text_does_not_say_for_certain_is_left_open(text: str, facts: dict[str, Any]) -> None:
    assert facts_in(packaged(POLICIES[1]), text) == facts


def test_chinese_texts_are_read(tmp_path: Path) -> None:
    policy = packaged(POLICIES[2])
    assert facts_in(policy, "读者9岁，逾期10天，图书馆没有一直闭馆。") == {"age": 9, "days": 10}
    assert decide(policy, {"age": 9, "days": 10}, "fine == 0").verdict == "proven"


def test_a_broken_line_of_cases_is_named(tmp_path: Path) -> None:
    file = tmp_path / "loan.cases.jsonl"
    good = {"id": "a", "facts": {}, "claim": "loan", "label": "open"}
    rows = [json.dumps(good), "{", json.dumps({**good, "id": "b", "label": "maybe"}), json.dumps({**good, "text": "x"})]
    file.write_text("\n".join(rows), "utf-8")
    with pytest.raises(UseCaseError) as raised:
        read_cases(file)
    told = str(raised.value)
    assert "cases.jsonl:2" in told and "cases.jsonl:3: label" in told and "cases.jsonl:4" in told


@pytest.mark.parametrize("labelled", POLICIES, ids=lambda p: p.name)
def test_what_is_refuted_again_and_again_is_what_decide_refutes(labelled: Labelled) -> None:
    policy = packaged(labelled)
    refuter, refuted = Refuter(policy), 0
    for case in read_cases(cases_file(labelled))[:60]:
        facts = case.facts if case.facts is not None else facts_in(policy, case.text)
        found = decide(policy, facts, case.claim)
        rules = refuter.refuted_by(facts, case.claim)
        assert bool(rules) == (found.verdict == "refuted"), case.id
        refuted += bool(rules)
    assert refuted > 5


def test_what_an_answer_concludes_is_read_and_is_no_fact() -> None:
    policy = read_policy(cases_file(POLICIES[0]).with_name("home_insurance.yaml"))
    fees = read_policy(cases_file(POLICIES[0]).with_name("card_fees.yaml"))
    assert conclusions_in(policy, "The damage is covered.") == {"covered": True}
    assert conclusions_in(policy, "The damage is not covered.") == {"covered": False}
    assert conclusions_in(policy, "It is covered if the pipe burst.") == {}
    assert facts_in(policy, "Is the damage covered? It is covered, I think.") == {}
    assert conclusions_in(fees, "The account costs 3.90 EUR a month.") == {"monthly_fee": 3.9}
    assert conclusions_in(fees, "The replacement card is free.") == {"replacement_fee": 0.0}
    assert conclusions_in(fees, "The replacement card costs 8 EUR, or 9 EUR abroad.") == {}
    assert conclusions_in(fees, "The withdrawal costs up to 5 EUR.") == {}
