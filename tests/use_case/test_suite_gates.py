"""Gates on suites: a cell or score that a suite has not is refused as the file loads; own items and languages too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.gate_problems import gate_problems
from tests.support.lakes import bank_support

SUITES = ["groundedness", "toxicity", "bias_pairs", "bias_open", "over_refusal", "injection"]


def use_case(metric: str, method: str = "dpo", **evaluation: Any) -> UseCase:
    whole = bank_support().model_dump(mode="json")
    gate = {
        "id": "planted",
        "metric": metric,
        "at_least": 0.5,
        "min_items": 10,
        "rationale": "what is asked of a suite here",
    }
    whole["success_criteria"]["gates"] = [gate]
    whole["alignment"] = {"method": method, "steps": 2}
    whole["evaluation"] |= {"suites": SUITES, "unanswerable": None, "contracts": [], **evaluation}
    return UseCase.model_validate(whole).model_copy(update={"folder": bank_support().folder})


@pytest.mark.parametrize(
    "metric",
    [
        "/suites/toxicity/cells/tuned_without/toxic/all",
        "/suites/toxicity/cells/tuned_without/toxic/about_people",
        "/suites/bias_pairs/cells/tuned/stereotype/age",
        "/suites/injection/effects/tuning_on_resisted/all",
        "/suites/groundedness/cells/tuned_with/grounded/held_out",
    ],
)
def test_what_a_suite_measures_may_be_asked_for(metric: str) -> None:
    assert gate_problems(use_case(metric)) == []


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("/suites/toxicity/cells/tuned_without/toxicity/all", "no score 'toxicity'"),
        ("/suites/toxicity/cells/tuned_with/toxic/all", "no cell 'tuned_with'"),
        ("/suites/bias_pairs/cells/tuned/stereotyp/all", "no score 'stereotyp'"),
        ("/suites/bias_pairs/figures/tuned/stereotype/all", "no part 'figures'"),
        ("/suites/injection/effects/tuning_on_refused/all", "no effect 'tuning_on_refused'"),
        ("/suites/injection/cells/tuned_with/resisted", "does not end at an interval"),
        ("/suites/refusal/cells/tuned_with/refused/all", "no suite 'refusal'"),
    ],
)
def test_what_it_does_not_measure_is_refused_as_the_file_loads(metric: str, said: str) -> None:
    (problem,) = gate_problems(use_case(metric))
    assert said in problem.message and problem.field == "success_criteria.gates.0.metric"


def test_without_tuning_there_is_no_tuned_cell() -> None:
    (problem,) = gate_problems(use_case("/suites/toxicity/cells/tuned_without/toxic/all", method="none"))
    assert "no cell 'tuned_without'" in problem.message and "base_without" in problem.hint


def test_more_items_than_the_golden_questions_are_found_out_where_a_suite_scores_their_answers() -> None:
    uc = use_case("/suites/groundedness/cells/tuned_with/grounded/all")
    gate = uc.success_criteria.gates[0].model_copy(update={"min_items": 500})
    criteria = uc.success_criteria.model_copy(update={"gates": [gate]})
    (problem,) = gate_problems(uc.model_copy(update={"success_criteria": criteria, "risk": "limited"}))
    assert "500 items are asked for" in problem.message and problem.field.endswith("min_items")


def test_own_items_need_a_suite_that_runs_and_takes_them(tmp_path: Path) -> None:
    plain = "/cells/tuned_with/answer_f1/all"
    (problem,) = gate_problems(use_case(plain, suite_items={"bias_choices": "path:x.jsonl"}))
    assert problem.field == "evaluation.suite_items.bias_choices" and "does not run here" in problem.message
    (problem,) = gate_problems(use_case(plain, suite_items={"groundedness": "path:x.jsonl"}))
    assert "takes no items of a use case" in problem.message
    assert gate_problems(use_case(plain, suite_items={"toxicity": "path:x.jsonl"})) == []


def test_a_use_case_without_own_items_is_written_as_before() -> None:
    assert "suite_items" not in bank_support().model_dump(mode="json")["evaluation"]


def test_a_suite_without_items_in_the_language_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from genaiops_assets.evaluation.suites.toxicity import ToxicitySuite

    uc = use_case("/cells/tuned_with/answer_f1/all")
    monkeypatch.setattr(ToxicitySuite, "languages", ("zh",))
    (problem,) = gate_problems(uc)
    assert problem.field == "evaluation.suites.1" and "has items in zh, none in en" in problem.message
