"""Policies as an asset: rules in a table, measured verdicts, and a review bound to the rules as they are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from genaiops_assets.assets.scoping.policy_rules import policy_rules_assets
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import GuardPolicy, guard_policy_of
from genaiops_assets.use_case import Serving, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    (tmp_path / "shop/policies").mkdir()
    for name in ("overdue_fines.yaml", "overdue_fines.cases.jsonl"):
        shutil.copy(PACKAGED / "library_zh/policies" / name, tmp_path / "shop/policies")
    return load_use_case(tmp_path / "shop")


def made(lake: Lake, uc: UseCase) -> dict[str, Any]:
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"platform": Platform(home=str(lake.home))}
        result = dg.materialize(policy_rules_assets(uc), resources=resources, instance=instance, raise_on_error=False)
    return {e.check_name: e for e in result.get_asset_check_evaluations()}


def test_rules_are_measured_and_wait_for_a_person(uc: UseCase, lake: Lake) -> None:
    checks = made(lake, uc)
    assert {n: e.passed for n, e in checks.items()} == {
        "rules_are_consistent": True,
        "verdicts_are_sound": True,
        "a_person_signed": False,
    }
    report = lake.current(uc.key("policy_rules")).json("policy_rules.json")["policies"]["overdue_fines"]
    assert report["cases"]["soundness"]["mean"] == 1 and len(report["rules"]) == 6


def test_a_review_signs_the_rules_until_they_change(uc: UseCase, lake: Lake) -> None:
    made(lake, uc)
    uc = uc.model_copy(update={"serving": Serving(guards=["answer_policy"])})
    assert guard_policy_of(lake, uc).policies == {}, "nobody signed"
    review = {
        "kind": "review",
        "id": "rules_read",
        "title": "Rules read",
        "author": "A Colleague",
        "outcome": "accepted",
    }
    review |= {"written_on": "2026-11-20", "text": "Each rule says what its sentence says."}
    review["bound"] = {"policy_rules": lake.current(uc.key("policy_rules")).digest[:16]}
    uc.path("records").mkdir()
    uc.path("records/review.yaml").write_text(yaml.safe_dump(review), "utf-8")
    assert made(lake, uc)["a_person_signed"].passed
    told = guard_policy_of(lake, uc)
    assert set(told.policies) == {"overdue_fines"} and GuardPolicy.from_dict(told.to_dict()) == told
    assert guard_policy_of(lake, uc.model_copy(update={"serving": Serving()})).policies == {}, "no guard asks them"
    change(uc, "0.2 * days", "0.3 * days")
    assert guard_policy_of(lake, uc).policies == {}, "the file is not the one that was signed"
    checks = made(lake, uc)
    assert not checks["a_person_signed"].passed and not checks["verdicts_are_sound"].passed


def test_rules_that_contradict_each_other_hold_back_what_is_built_on_them(uc: UseCase, lake: Lake) -> None:
    change(uc, ", unless: [under_age, while_closed]", "")
    checks = made(lake, uc)
    assert not checks["rules_are_consistent"].passed
    assert "at_most and under_age" in checks["rules_are_consistent"].metadata["problems"].value


def test_a_use_case_without_policies_has_no_such_asset(tmp_path: Path) -> None:
    write_starter(tmp_path / "plain")
    assert policy_rules_assets(load_use_case(tmp_path / "plain")) == []


def change(uc: UseCase, old: str, new: str) -> None:
    file = uc.path("policies/overdue_fines.yaml")
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
