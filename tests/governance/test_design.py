"""The design history: decisions are entered once, bound to what was decided, and never rewritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import build_plan
from genaiops_assets.assets.alignment.design_history import design_history_assets
from genaiops_assets.governance.design import (
    FILE,
    SUBJECTS,
    enter_decisions,
    entered,
    last_author,
    read_decisions,
    rewritten,
)
from genaiops_assets.lake import Lake, ledger
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase, UseCaseError, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.lakes import bank_support, publish

ONE: dict[str, Any] = {
    "id": "small_base", "about": "base", "decided_on": "2026-11-01", "author": "Ben Builder",
    "decision": "A small model.", "alternatives": ["a large one"], "rationale": "Two cores.",
}  # fmt: skip
TWO = {**ONE, "id": "sft", "about": "method", "decision": "SFT.", "rationale": "It gained 0.04."}


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def write(uc: UseCase, *decisions: dict[str, Any]) -> None:
    uc.path(FILE).write_text(json.dumps({"decisions": list(decisions)}), encoding="utf-8")


def planned(lake: Lake, uc: UseCase, base: str = "b" * 64) -> dict[str, Any]:
    plan = build_plan(
        uc,
        base={"ref": uc.model.base, "digest": base, "license": None, "record": "r" * 64},
        pairs={"digest": "d" * 64, "rows": 3},
        corpus={"digest": "c" * 64, "rows": 3},
    )
    publish(lake, uc.key("model_plan"), {"plan.json": plan})
    return plan


def materialized(lake: Lake, uc: UseCase) -> tuple[dict[str, Any], dict[str, Any]]:
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"platform": Platform(home=str(lake.home))}
        result = dg.materialize(design_history_assets(uc), resources=resources, instance=instance)
    checks = {e.check_name: e for e in result.get_asset_check_evaluations()}
    return lake.current(uc.key("design_history")).json("design_history.json"), checks


def test_a_decision_is_entered_once_with_what_was_decided(lake: Lake, uc: UseCase) -> None:
    plan = planned(lake, uc)
    write(uc, ONE)
    made, checks = materialized(lake, uc)
    assert made["decisions"][0]["decided"] == {"ref": uc.model.base, "digest": "b" * 64}
    assert made["decisions"][0]["author"] == "Ben Builder" and made["subjects"]["base"]["state"] == "decided"
    assert made["subjects"]["method"]["state"] == "no decision" and made["model_version"] == plan["model_version"]
    assert checks["history_is_append_only"].passed and not checks["every_subject_is_decided"].passed
    digest = lake.current(uc.key("design_history")).digest
    materialized(lake, uc)
    assert len(entered(lake, uc)) == 1 and lake.current(uc.key("design_history")).digest == digest


def test_the_same_decisions_make_the_same_file_in_every_home(
    lake: Lake, uc: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by killed homes, whose entries reached the ledger seconds later than those of an undisturbed one."""
    write(uc, ONE)
    other = Lake(tmp_path / "later")
    planned(lake, uc), materialized(lake, uc)
    monkeypatch.setattr(ledger, "not_before", lambda earlier: "2031-01-01T00:00:00+00:00")
    planned(other, uc), materialized(other, uc)
    assert entered(lake, uc)[0]["entered_at"] != entered(other, uc)[0]["entered_at"]
    assert len({home.current(uc.key("design_history")).digest for home in (lake, other)}) == 1


def test_what_changed_without_a_decision_is_said(lake: Lake, uc: UseCase) -> None:
    planned(lake, uc)
    write(uc, ONE)
    materialized(lake, uc)
    planned(lake, uc, base="e" * 64)
    made, checks = materialized(lake, uc)
    assert made["subjects"]["base"]["state"] == "changed since"
    assert "base: changed since" in checks["every_subject_is_decided"].metadata["missing"].value
    write(uc, ONE, {**ONE, "id": "larger_base", "decision": "A larger model."})
    made, _ = materialized(lake, uc)
    assert made["subjects"]["base"] == {
        "decided": {"ref": uc.model.base, "digest": "e" * 64}, "decisions": ["small_base", "larger_base"], "state": "decided",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "words"),
    [([{**ONE, "rationale": "I never said that."}, TWO], "small_base was changed"), ([TWO], "small_base was removed")],
)
def test_an_old_entry_that_is_rewritten_fails_the_check_and_stays(
    lake: Lake, uc: UseCase, now: list[dict[str, Any]], words: str
) -> None:
    planned(lake, uc)
    write(uc, ONE, TWO)
    materialized(lake, uc)
    write(uc, *now)
    made, checks = materialized(lake, uc)
    failed = checks["history_is_append_only"]
    assert not failed.passed and failed.severity == dg.AssetCheckSeverity.ERROR
    assert failed.metadata["problems"].value.startswith(words)
    assert [d["id"] for d in made["decisions"]] == ["small_base", "sft"], "the ledger keeps what was entered"
    assert made["decisions"][0]["rationale"] == "Two cores."


def test_appending_and_reordering_rewrite_nothing(lake: Lake, uc: UseCase) -> None:
    plan = planned(lake, uc)
    write(uc, ONE)
    enter_decisions(lake, uc, read_decisions(uc), plan["training"])
    write(uc, TWO, ONE)
    enter_decisions(lake, uc, read_decisions(uc), plan["training"])
    assert rewritten(entered(lake, uc), read_decisions(uc)) == [] and lake.ledger.problems() == []


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        ([{**ONE, "about": "weather"}], "decisions.0.about"),
        ([{k: v for k, v in ONE.items() if k != "rationale"}], "this field is required"),
        ([{**ONE, "alternatives": []}], "decisions.0.alternatives"),
        ([ONE, ONE], "small_base is there twice"),
    ],
)
def test_a_file_that_cannot_be_used_names_its_mistake(uc: UseCase, decisions: list[dict[str, Any]], words: str) -> None:
    write(uc, *decisions)
    with pytest.raises(UseCaseError) as failed:
        read_decisions(uc)
    assert words in str(failed.value) and FILE in str(failed.value)


def test_template_text_is_no_reason(lake: Lake, uc: UseCase) -> None:
    planned(lake, uc)
    write(uc, *({**ONE, "id": f"d_{s}", "about": s, "rationale": "TBD"} for s in SUBJECTS))
    _, checks = materialized(lake, uc)
    found = checks["every_subject_is_decided"]
    assert (
        not found.passed
        and found.metadata["missing"].value == "none"
        and "d_base" in found.metadata["template_text"].value
    )


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_the_packaged_examples_give_reasons_for_every_subject(lake: Lake, name: str) -> None:
    uc = load_use_case(PACKAGED / name)
    planned(lake, uc)
    made, checks = materialized(lake, uc)
    assert all(check.passed for check in checks.values()), {n: c.metadata for n, c in checks.items()}
    assert {d["about"] for d in made["decisions"]} == set(SUBJECTS)
    assert all(d["author"] in (*uc.people.builders, *uc.people.owners) for d in made["decisions"])


def test_a_new_use_case_starts_without_decisions(uc: UseCase) -> None:
    assert read_decisions(uc) == [] and uc.path(FILE).exists()


def test_without_git_nobody_is_named(uc: UseCase) -> None:
    assert last_author(uc) == "" or uc.folder.is_relative_to(Path(bank_support().folder).parents[2])
