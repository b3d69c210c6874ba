"""Labelled cases of a policy, and how often its verdicts are right.

Belongs here: the file of cases and the three figures. Does not belong here: deciding.

A verdict that is given (`proven`, `refuted`) must be right; one that is not given is an abstention. Soundness is the
share of given verdicts that are right, recall the share of decidable cases that were decided rightly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from genaiops_assets.reasoning.deciding import BadQuestion, decide
from genaiops_assets.reasoning.policy import Policy
from genaiops_assets.reasoning.reading import facts_in
from genaiops_assets.statistics import wilson
from genaiops_assets.use_case import UseCaseError, UseCaseProblem


class Case(BaseModel):
    """One case: facts as values or as a text, a statement, and what a person says of it: `true`, `false` or `open`
    (the policy does not decide it)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    text: str = ""
    facts: dict[str, bool | float | str] | None = None
    claim: str
    label: Literal["true", "false", "open"]

    @model_validator(mode="after")
    def states_something(self) -> Case:
        if bool(self.text) == (self.facts is not None):
            raise ValueError("give either text or facts")
        return self


def read_cases(file: Path) -> list[Case]:
    """The cases of a JSON Lines file. Raises UseCaseError with every line that is none."""
    found, problems = list[Case](), list[UseCaseProblem]()
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(Case.model_validate(json.loads(line)))
        except json.JSONDecodeError as error:
            problems.append(UseCaseProblem(file, number, "case", f"is no JSON: {error.msg}"))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "case"
            problems.append(UseCaseProblem(file, number, place, str(first["msg"])))
    twice = sorted({c.id for c in found if [d.id for d in found].count(c.id) > 1})
    problems += [UseCaseProblem(file, 1, "id", f"{name} is there twice") for name in twice]
    if problems:
        raise UseCaseError(problems)
    return found


def judge_cases(policy: Policy, cases: Sequence[Case]) -> dict[str, Any]:
    """{cases, given, right, soundness, recall, abstained, wrong}: rates are {mean, low, high, n} with Wilson's interval
    at 95 %; `wrong` lists cases whose verdict is wrong. Raises BadQuestion for a case that speaks of something
    else."""
    told = [_told(policy, case) for case in cases]
    given = [t for t in told if t["verdict"] != "unknown"]
    decidable = [t for t in told if t["label"] != "open"]
    right = [t for t in given if t["right"]]
    return {
        "cases": len(told),
        "given": len(given),
        "right": len(right),
        "soundness": wilson(len(right), len(given)),
        "recall": wilson(sum(t["right"] for t in decidable), len(decidable)),
        "abstained": wilson(sum(t["verdict"] == "unknown" for t in told), len(told)),
        "wrong": [t for t in given if not t["right"]],
    }


def _told(policy: Policy, case: Case) -> dict[str, Any]:
    facts = dict(case.facts) if case.facts is not None else facts_in(policy, case.text)
    try:
        outcome = decide(policy, {k: v for k, v in facts.items() if k not in policy.concluded}, case.claim)
    except BadQuestion as problem:
        raise BadQuestion(f"case {case.id}: {problem}") from None
    expected = {"true": "proven", "false": "refuted", "open": "unknown"}[case.label]
    return {
        "id": case.id,
        "label": case.label,
        "verdict": outcome.verdict,
        "right": outcome.verdict == expected,
        "rules": outcome.rules,
    }
