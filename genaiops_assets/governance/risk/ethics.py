"""The ethics checklist: questions of seven requirements, answered by a person or by what was measured.

Belongs here: reading the questions and people's answers, and the checklist of a model version. Does not belong here:
the questions themselves (`ethics_questions.yaml`), the artifacts that evidence points into, Dagster.

A question counts as answered when a person of the use case says how it stands, in words with name and date, or when
their file links it to figures that are there. Everything else is a gap by name; text of a template is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from genaiops_assets.evidence import Evidence, find_gaps, person_text
from genaiops_assets.governance.people import listed_as
from genaiops_assets.governance.risk.links import follow
from genaiops_assets.governance.risk.scoping_schema import Part, Text, Texts
from genaiops_assets.use_case import UseCase, UseCaseError, nearest, read_document

SCHEMA_VERSION = 1
FILE = "ethics_checklist.yaml"
OPEN = ("partly", "not_met")
State = Literal["", "met", "partly", "not_met", "not_applicable"]


class Answer(Part):
    """How a question stands. `evidence`: links (gate:ID, ASSET#/POINTER); `mitigation`: id of the record that says what
    is done about what is not met."""

    state: State = ""
    text: Text = ""
    by: Text = ""
    answered_on: date | None = None
    evidence: Texts = Field(default_factory=list)
    mitigation: Text = ""


class _File(Part):
    answers: dict[str, Answer | None] = Field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """What people wrote, by question; mistakes of the file, one line each."""

    by_question: Mapping[str, Answer] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()


@cache
def ethics_questions() -> dict[str, Any]:
    """{source, checked_on, requirements: [{id, en, zh, questions: [{id, en, zh}]}]}."""
    return yaml.safe_load(files(__package__).joinpath("ethics_questions.yaml").read_text("utf-8"))


def question_ids() -> list[str]:
    return [q["id"] for requirement in ethics_questions()["requirements"] for q in requirement["questions"]]


def read_answers(uc: UseCase) -> Answers:
    """The file of the use case folder; without it nothing is answered."""
    file = uc.path(FILE)
    if not file.exists():
        return Answers(mistakes=(f"{FILE} is not there",))
    try:
        document = read_document(file)
        found = _File.model_validate(document.data or {}).answers
    except UseCaseError as error:
        return Answers(mistakes=tuple(str(problem) for problem in error.problems))
    except ValidationError as error:
        mistakes = (document.problem(".".join(map(str, e["loc"])), str(e["msg"])) for e in error.errors())
        return Answers(mistakes=tuple(str(problem) for problem in mistakes))
    known = question_ids()
    unknown = tuple(f"{FILE}: no question '{name}' ({nearest(name, known)})" for name in found if name not in known)
    return Answers({name: one for name, one in found.items() if one and name in known}, unknown)


def build_checklist(
    uc: UseCase, version: str, answers: Answers, documents: Mapping[str, Evidence], mitigations: Mapping[str, Any]
) -> dict[str, Any]:
    """ethics_checklist.json of a version. `documents`: what evidence may point into, by asset; `mitigations`: records
    of that kind by id."""
    questions = ethics_questions()
    requirements = [
        {
            "id": requirement["id"],
            "title": requirement[uc.language],
            "questions": [
                {"id": q["id"], "question": q[uc.language], **answered(uc, q["id"], answers, documents, mitigations)}
                for q in requirement["questions"]
            ],
        }
        for requirement in questions["requirements"]
    ]
    asked = [q for requirement in requirements for q in requirement["questions"]]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "ethics_checklist",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": version,
        "source": questions["source"],
        "requirements": requirements,
        "counts": dict(sorted(Counter(q["state"] or "unanswered" for q in asked).items())),
        "gaps": find_gaps(requirements),
        "problems": [*answers.mistakes, *(problem for q in asked for problem in q["problems"])],
    }


def answered(
    uc: UseCase, name: str, answers: Answers, documents: Mapping[str, Evidence], mitigations: Mapping[str, Any]
) -> dict[str, Any]:
    """One question: {state, text, by, answered_on, evidence: claims, mitigation, problems}; no state while open."""
    said = answers.by_question.get(name) or Answer()
    claims, problems = evidence_of(uc, name, said, documents)
    words = person_text(said.text, f"{FILE}: {name}")
    signed = "text" in words and bool(said.by) and said.answered_on is not None
    if not (said.state and (signed or claims)):
        return {**nothing(), "text": gap(name, said, words), "problems": problems}
    if said.by and listed_as(uc.people.everybody, said.by) is None:
        problems.append(f"{name}: {said.by} is nobody of this use case")
    if said.state in OPEN and said.mitigation not in mitigations:
        problems.append(f"{name} is {said.state}: name the mitigation (id of a record) that sees to it")
    return {
        "state": said.state,
        "text": words.get("text", ""),
        "by": said.by,
        "answered_on": said.answered_on.isoformat() if said.answered_on else "",
        "evidence": claims,
        "mitigation": said.mitigation,
        "problems": problems,
    }


def evidence_of(
    uc: UseCase, name: str, said: Answer, documents: Mapping[str, Evidence]
) -> tuple[list[dict[str, Any]], list[str]]:
    claims: list[dict[str, Any]] = []
    problems: list[str] = []
    for link in said.evidence:
        try:
            claims.append(follow(uc, link, documents))
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return claims, problems


def nothing() -> dict[str, Any]:
    return {"state": "", "by": "", "answered_on": "", "evidence": [], "mitigation": ""}


def gap(name: str, said: Answer, words: Mapping[str, Any]) -> dict[str, Any]:
    """The gap by name, with what is missing where something was written."""
    if "text" not in words:
        return {"gap": True, "name": f"{FILE}: {name}"}
    missing = [
        what for what, there in (("state", said.state), ("by", said.by), ("answered_on", said.answered_on)) if not there
    ]
    return {"gap": True, "name": f"{FILE}: {name} ({', '.join(missing)} missing)"}
