"""The ethics checklist: answers by people and by figures, gaps by name, links that lead nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import Evidence, find_claims, labels, render_template
from genaiops_assets.governance.records import read_records
from genaiops_assets.governance.risk import build_checklist, ethics_questions, question_ids, read_answers
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.governance.risk.cases import interval, report
from tests.support.lakes import PACKAGED, V1

BY_HAND = "{{state: met, text: An agent decides on each draft., by: {who}, answered_on: 2026-12-01}}"
QUESTION = "agency_decides"


@pytest.fixture(params=["bank_support", "library_zh"])
def uc(request: pytest.FixtureRequest, tmp_path: Path) -> UseCase:
    return load_use_case(PACKAGED / request.param).model_copy(update={"folder": tmp_path})


def documents(uc: UseCase) -> dict[str, Evidence]:
    measured = report(interval(0.5, 0.4, 0.6))
    return {"eval_report": Evidence(uc.key("eval_report"), "d" * 64, measured)}


def checklist(uc: UseCase, answer: str, mitigations: tuple[str, ...] = ()) -> dict[str, Any]:
    text = f"answers:\n  {QUESTION}: {answer.format(who=uc.people.owners[0])}\n"
    uc.path("ethics_checklist.yaml").write_text(text, encoding="utf-8")
    return build_checklist(uc, V1, read_answers(uc), documents(uc), {name: {} for name in mitigations})


def question(made: dict[str, Any]) -> dict[str, Any]:
    return next(q for r in made["requirements"] for q in r["questions"] if q["id"] == QUESTION)


def test_there_are_seven_requirements_in_both_languages_with_a_source() -> None:
    questions = ethics_questions()
    assert len(questions["requirements"]) == 7 and len(set(question_ids())) == len(question_ids()) >= 20
    for part in [*questions["requirements"], *(q for r in questions["requirements"] for q in r["questions"])]:
        assert part["en"].isascii() and not part["zh"].isascii()
    assert "ALTAI" in questions["source"] and questions["checked_on"]


def test_a_person_answers_with_name_and_date(uc: UseCase) -> None:
    made = checklist(uc, BY_HAND)
    assert question(made)["state"] == "met" and question(made)["by"] == uc.people.owners[0]
    assert made["problems"] == [] and made["counts"] == {"met": 1, "unanswered": len(question_ids()) - 1}


def test_figures_answer_without_words_and_are_claims(uc: UseCase) -> None:
    made = checklist(
        uc, "{{state: met, evidence: ['eval_report#/cells/tuned_with/answer_f1/all', 'gate:golden_recall']}}"
    )
    assert question(made)["state"] == "met" and made["problems"] == []
    pointers = [claim["pointer"] for claim in find_claims(made)]
    assert pointers == ["/cells/tuned_with/answer_f1/all", "/retrieval/golden/recall_at_k"]


@pytest.mark.parametrize(
    ("answer", "gap"),
    [
        ("{{}}", ""),
        ("{{state: met}}", ""),
        ("{{state: met, text: TBD, by: {who}, answered_on: 2026-12-01}}", ""),
        ("{{state: met, text: 待补充, by: {who}, answered_on: 2026-12-01}}", ""),
        ("{{state: met, text: An agent decides.}}", " (by, answered_on missing)"),
        ("{{text: An agent decides., by: {who}, answered_on: 2026-12-01}}", " (state missing)"),
    ],
)
def test_what_nobody_said_in_full_is_a_gap_by_name(uc: UseCase, answer: str, gap: str) -> None:
    made = checklist(uc, answer)
    assert question(made)["state"] == "" and f"ethics_checklist.yaml: {QUESTION}{gap}" in made["gaps"]
    assert len(made["gaps"]) == len(question_ids())


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("eval_report#/suites/no_suite/cells", "nothing at 'no_suite'"),
        ("gate:no_gate", "has no gate 'no_gate'"),
        ("privacy_record#/residual", "there is no privacy_record"),
        ("see the report", "is no link"),
    ],
)
def test_a_link_that_leads_nowhere_answers_nothing_and_is_a_problem(uc: UseCase, link: str, why: str) -> None:
    made = checklist(uc, f"{{{{state: met, evidence: ['{link}']}}}}")
    assert question(made)["state"] == ""
    (problem,) = made["problems"]
    assert problem.startswith(f"{QUESTION}: ") and why in problem


def test_what_is_not_met_needs_a_mitigation_that_is_there(uc: UseCase) -> None:
    answer = BY_HAND.replace("state: met", "state: not_met, mitigation: fix-it")
    assert checklist(uc, answer, ("fix-it",))["problems"] == []
    (problem,) = checklist(uc, answer)["problems"]
    assert problem == f"{QUESTION} is not_met: name the mitigation (id of a record) that sees to it"


def test_a_stranger_answers_nothing_unseen(uc: UseCase) -> None:
    (problem,) = checklist(uc, BY_HAND.replace("{who}", "Nobody Known"))["problems"]
    assert problem == f"{QUESTION}: Nobody Known is nobody of this use case"


def test_a_misspelt_question_or_field_is_told_and_a_missing_file_too(uc: UseCase) -> None:
    assert build_checklist(uc, V1, read_answers(uc), {}, {})["problems"] == ["ethics_checklist.yaml is not there"]
    assert "Extra inputs" in checklist(uc, "{{stat: met}}")["problems"][0]
    uc.path("ethics_checklist.yaml").write_text("answers:\n  agency_decide: {state: met}\n", encoding="utf-8")
    assert read_answers(uc).mistakes == (
        "ethics_checklist.yaml: no question 'agency_decide' (did you mean 'agency_decides'?)",
    )


def test_the_page_is_in_the_language_of_the_use_case(uc: UseCase) -> None:
    made = checklist(uc, "{{state: met, evidence: ['eval_report#/cells/tuned_with/answer_f1/all']}}")
    page = render_template("ethics_checklist.md.j2", {"content": made, "t": labels(uc.language)})
    assert ("## 问责" if uc.language == "zh" else "## Accountability") in page
    assert "0.500 [0.400, 0.600], n = 40, 95%" in page and "ethics_checklist.yaml: agency_told" in page


def test_the_starter_leaves_every_question_to_a_person(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    starter = load_use_case(tmp_path / "shop")
    made = build_checklist(starter, V1, read_answers(starter), {}, {})
    assert len(made["gaps"]) == len(question_ids()) and made["problems"] == []


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_an_example_answers_every_question_and_names_only_records_that_are_there(name: str) -> None:
    example = load_use_case(PACKAGED / name)
    answers = read_answers(example)
    assert answers.mistakes == () and sorted(answers.by_question) == sorted(question_ids())
    known = {r.id for r in read_records(example).records}
    assert {a.mitigation for a in answers.by_question.values() if a.mitigation} <= known
    assert all(a.text or a.evidence for a in answers.by_question.values())
