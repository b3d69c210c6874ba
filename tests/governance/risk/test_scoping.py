"""Scoping documents: gaps by name, orphans, who wrote what, thresholds before the first training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.risk import build_scoping, dated_late, enter_thresholds, read_scoping, seen_late
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import PACKAGED, bank_support, publish

REVIEW = """author: {author}
written_on: 2026-12-01
intended_use: Drafts for agents.
benefits: Time.
concerns: [Drafts may be wrong.]
conclusion: {conclusion}
"""
PRINCIPLE = """author: {author}
written_on: 2026-12-01
values: We want what is true.
principles:
  - id: true_answers
    principle: {words}
    {tie}
"""
THRESHOLDS = """author: {author}
written_on: {day}
acceptable_errors:
  - {{id: lost, error: An answer is lost., limit: one in twenty, reason: More would be noticed., metric: "gate:tuning_not_worse"}}
human_review:
  - {{when: before an answer goes out, who: an agent, how: reads it}}
"""


@pytest.fixture(params=["bank_support", "library_zh"])
def uc(request: pytest.FixtureRequest, tmp_path: Path) -> UseCase:
    """A packaged example with an empty folder."""
    (tmp_path / "uc" / "scoping").mkdir(parents=True)
    return load_use_case(PACKAGED / request.param).model_copy(update={"folder": tmp_path / "uc"})


def write(uc: UseCase, kind: str, text: str, **words: str) -> None:
    words = {"author": uc.people.owners[0], **words}
    uc.path(f"scoping/{kind}.yaml").write_text(text.format(**words), encoding="utf-8")


def problems(uc: UseCase, kind: str) -> list[str]:
    return build_scoping(uc, read_scoping(uc))["problems"][kind]


# --- gaps ---------------------------------------------------------------------------------------------------------


def test_templates_of_the_starter_are_gaps_by_name_and_no_mistakes(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    made = build_scoping(starter := load_use_case(tmp_path / "shop"), read_scoping(starter))
    assert all(made["gaps"].values()) and not any(made["problems"].values())
    assert "scoping/feasibility.yaml: need" in made["gaps"]["feasibility"]
    assert "scoping/principles.yaml: principles" in made["gaps"]["principles"]
    assert made["gaps"]["stakeholders"] == ["people.stakeholders"]


def test_text_of_a_template_counts_as_nothing(uc: UseCase) -> None:
    write(uc, "ethical_review", REVIEW.replace("Drafts for agents.", "待补充"), conclusion="accepted")
    assert build_scoping(uc, read_scoping(uc))["gaps"]["ethical_review"] == [
        "scoping/ethical_review.yaml: intended_use"
    ]


def test_a_gap_in_a_list_names_its_place(uc: UseCase) -> None:
    write(uc, "principles", PRINCIPLE, words='""', tie="metric: gate:golden_recall")
    found = build_scoping(uc, read_scoping(uc))["gaps"]["principles"]
    assert found == ["scoping/principles.yaml: principles.0.principle"]


def test_a_missing_file_and_a_misspelt_field_are_told_with_their_place(uc: UseCase) -> None:
    assert problems(uc, "feasibility") == ["scoping/feasibility.yaml is not there"]
    write(uc, "feasibility", "author: {author}\nneeed: much\n")
    (problem,) = problems(uc, "feasibility")
    assert "feasibility.yaml:2: " in problem and "Extra inputs" in problem


def test_a_page_shows_documents_gaps_and_problems_in_the_language_of_the_use_case(uc: UseCase) -> None:
    write(uc, "principles", PRINCIPLE, words="Answers *are* true.", tie="metric: gate:no_gate")
    write(uc, "ethical_review", REVIEW, conclusion="accepted_with_conditions")
    content = build_scoping(uc, read_scoping(uc))
    page = render_template("scoping_documents.md.j2", {"content": content, "t": labels(uc.language)})
    assert ("# 界定文档" if uc.language == "zh" else "# Scoping documents") in page
    assert "no\\_gate" in page and "Answers \\*are\\* true." in page and "scoping/feasibility.yaml: need" in page
    assert uc.people.approvers[0] in page
    assert ("有条件接受" if uc.language == "zh" else "accepted with conditions") in page


# --- what is wrong ------------------------------------------------------------------------------------------------


def test_a_principle_without_metric_and_check_is_an_orphan(uc: UseCase) -> None:
    write(uc, "principles", PRINCIPLE, words="Answers are true.", tie="")
    (problem,) = problems(uc, "principles")
    assert problem.startswith("principle true_answers is tied to nothing")


@pytest.mark.parametrize(
    ("tie", "why"),
    [
        ("metric: gate:golden_recal", "no gate 'golden_recal' (did you mean 'golden_recall'?)"),
        ("metric: eval_report#/suites/nothing/cells", "has no suite 'nothing'"),
        ("metric: eval_report#/cells/tuned_with/answer_f1", "does not end at an interval"),
        ("metric: somewhere", "is no link"),
        ("manual: Somebody looks at it.", "the manual check names nobody"),
    ],
)
def test_a_principle_tied_to_what_is_not_there_is_named(uc: UseCase, tie: str, why: str) -> None:
    write(uc, "principles", PRINCIPLE, words="Answers are true.", tie=tie)
    (problem,) = problems(uc, "principles")
    assert problem.startswith("principle true_answers") and why in problem


@pytest.mark.parametrize(
    "tie",
    [
        "metric: gate:golden_recall",
        "metric: eval_report#/cells/tuned_with/answer_f1/held_out",
        "{manual: Ten answers a month are read., by: Olga}",
    ],
)
def test_a_principle_on_a_gate_a_figure_or_a_persons_check_is_no_orphan(uc: UseCase, tie: str) -> None:
    tied = tie.strip("{}").replace(", by", "\n    by")
    write(uc, "principles", PRINCIPLE, words="Answers are true.", tie=tied)
    assert problems(uc, "principles") == []


def test_who_builds_reviews_nothing_and_a_stranger_writes_nothing(uc: UseCase) -> None:
    write(uc, "ethical_review", REVIEW, author=uc.people.builders[0], conclusion="accepted")
    assert "builds it: somebody else has to review it" in problems(uc, "ethical_review")[0]
    write(uc, "ethical_review", REVIEW, author="Nobody Known", conclusion="accepted")
    assert "is nobody of this use case" in problems(uc, "ethical_review")[0]


@pytest.mark.parametrize(
    ("conclusion", "why"),
    [("not_accepted", "did not accept"), ("accepted_with_conditions", "accepts with conditions and names none")],
)
def test_a_review_that_does_not_accept_is_a_problem(uc: UseCase, conclusion: str, why: str) -> None:
    write(uc, "ethical_review", REVIEW, author=uc.people.approvers[0], conclusion=conclusion)
    assert why in problems(uc, "ethical_review")[0]


def test_a_study_that_says_stop_is_a_problem(uc: UseCase) -> None:
    write(uc, "feasibility", "author: {author}\nconclusion: stop\n")
    assert problems(uc, "feasibility") == ["conclusion: the study says that this should not be built"]


# --- thresholds before training -----------------------------------------------------------------------------------


def planned(lake: Lake, uc: UseCase) -> str:
    """A first model plan now; its day in UTC."""
    publish(lake, uc.key("model_plan"), {"plan.json": {}})
    return next(e.at for e in lake.ledger.entries("materialized") if e.body["asset"] == uc.key("model_plan"))[:10]


def test_thresholds_recorded_before_the_first_plan_came_in_time(uc: UseCase, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    write(uc, "thresholds", THRESHOLDS, day="2026-01-01")
    found = read_scoping(uc)
    for _ in range(2):
        enter_thresholds(lake, uc, found)
    assert len(list(lake.ledger.entries("thresholds_entered"))) == 1
    assert problems(uc, "thresholds") == [] and dated_late(lake, uc, found) == seen_late(lake, uc, found) == ""
    planned(lake, uc)
    assert dated_late(lake, uc, found) == seen_late(lake, uc, found) == ""


def test_a_date_after_the_first_plan_is_late(uc: UseCase, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    day = planned(lake, uc)
    write(uc, "thresholds", THRESHOLDS, day="2999-01-01")
    assert dated_late(lake, uc, read_scoping(uc)) == f"written on 2999-01-01, after the first model plan of {day}"
    write(uc, "thresholds", THRESHOLDS.replace("written_on: {day}\n", ""))
    assert dated_late(lake, uc, read_scoping(uc)) == "scoping/thresholds.yaml has no date"


def test_a_date_that_was_put_back_shows_in_the_ledger(uc: UseCase, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    planned(lake, uc)
    write(uc, "thresholds", THRESHOLDS, day="2026-01-01")
    found = read_scoping(uc)
    enter_thresholds(lake, uc, found)
    assert dated_late(lake, uc, found) == "" and "were first seen at" in seen_late(lake, uc, found)
    write(uc, "thresholds", THRESHOLDS.replace("one in twenty", "one in two"), day="2026-01-01")
    assert "were never seen" in seen_late(lake, uc, read_scoping(uc))


# --- the examples -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_the_documents_of_an_example_are_complete_and_sound(name: str) -> None:
    example = load_use_case(PACKAGED / name)
    made = build_scoping(example, read_scoping(example))
    assert not any(made["gaps"].values()), json.dumps(made["gaps"])
    assert not any(made["problems"].values()), json.dumps(made["problems"])


def test_documents_change_no_plan() -> None:
    """They stand beside the file: nothing that determines weights reads them."""
    assert "scoping" not in json.dumps(bank_support().model_dump(mode="json", exclude={"people", "presets"}))
