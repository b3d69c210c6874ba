"""The evaluation plan: what it names, homes of earlier releases, and what keeps a judgement as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evaluation import EvaluationPlan, changed_basis, evaluation_plan_of, kept_index
from genaiops_assets.evaluation.plan import FIRST_SUITES
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import SUITES
from tests.support.lakes import V1, bank_support, publish

SETTINGS = {"max_new_tokens": 16, "batch_size": 16, "resamples": 200, "top_k": 1}
FROZEN: dict[str, Any] = {
    "golden": {"digest": "g" * 64, "items": 16},
    "criteria": {"digest": "c" * 64},
    "index": {"digest": "i" * 64, "rows": 900},
    "settings": SETTINGS,
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


SUITES_OF_TODAY = {name: SUITES.get(name).version for name in FIRST_SUITES}


def full(**changes: Any) -> EvaluationPlan:
    """A plan as it is made today."""
    today = {"suites": SUITES_OF_TODAY, "prompts": "1", "retrieval_sets": {"log": "s" * 64}}
    return EvaluationPlan.model_validate({"model_version": V1, **FROZEN, **today, **changes})


def test_a_version_of_an_earlier_release_is_judged_by_what_its_model_plan_froze(lake: Lake) -> None:
    uc = bank_support()
    frozen = {**FROZEN, "new_topics": {"interactions": "d" * 64, "before": ""}}
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1, "evaluation": frozen}}, partition=V1)
    plan = evaluation_plan_of(lake, uc, V1)
    assert (plan.golden.digest, plan.criteria.digest, plan.index.rows) == ("g" * 64, "c" * 64, 900)
    assert plan.settings.model_dump() == SETTINGS and plan.new_topics and plan.new_topics.before == ""


def test_an_evaluation_plan_of_its_own_comes_first(lake: Lake) -> None:
    uc = bank_support()
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1, "evaluation": FROZEN}}, partition=V1)
    newer = full(golden={"digest": "n" * 64, "items": 17}).model_dump(mode="json")
    publish(lake, uc.key("evaluation_plan"), {"evaluation_plan.json": newer}, partition=V1)
    assert evaluation_plan_of(lake, uc, V1).golden.items == 17


def test_a_version_nothing_says_how_to_judge_names_what_to_materialize(lake: Lake) -> None:
    uc = bank_support()
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1, "evaluation": {}}}, partition=V1)
    with pytest.raises(KeyError, match=r"evaluation_plan\[mv-000000000001\] has no output yet"):
        evaluation_plan_of(lake, uc, V1)


NEWER_INDEX = {"index": {"digest": "j" * 64, "rows": 901}}


def test_an_index_alone_changes_no_plan_also_not_that_of_an_earlier_release() -> None:
    before = full()
    assert kept_index(full(**NEWER_INDEX), before) == before
    frozen = EvaluationPlan.model_validate({"model_version": V1, **FROZEN})
    assert kept_index(full(**NEWER_INDEX), frozen).index == frozen.index


@pytest.mark.parametrize(
    "change",
    [
        {"golden": {"digest": "n" * 64, "items": 16}},
        {"criteria": {"digest": "n" * 64}},
        {"settings": {**SETTINGS, "top_k": 3}},
        {"suites": {**SUITES_OF_TODAY, "safety": "1"}},
        {"judges": {"overlap": "1"}},
    ],
)
def test_what_else_changes_takes_the_index_of_today(change: dict[str, Any]) -> None:
    plan = full(**NEWER_INDEX, **change)
    assert kept_index(plan, full()) == plan
    assert kept_index(plan, EvaluationPlan.model_validate({"model_version": V1, **FROZEN})) == plan


@pytest.mark.parametrize("change", [{"prompts": "2"}, {"retrieval_sets": {"log": "t" * 64}}])
def test_other_prompts_or_sets_take_it_where_the_earlier_plan_named_them(change: dict[str, Any]) -> None:
    plan = full(**NEWER_INDEX, **change)
    assert kept_index(plan, full()) == plan


def test_what_changed_since_is_named(lake: Lake) -> None:
    uc = bank_support()
    golden = publish(lake, uc.key("golden_set"), {"golden.json": {"items": []}})
    criteria = publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": []}})
    plan = full(golden={"digest": golden.digest, "items": 0}, criteria={"digest": criteria.digest})
    assert changed_basis(lake, uc, plan) == []
    publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": ["another"]}})
    assert changed_basis(lake, uc, plan) == ["success_criteria"]


def test_a_field_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="golde"):
        full(golde={})
