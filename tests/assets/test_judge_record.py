"""The record of a judge as an asset, and the gate that refuses pairs of a judge without one. Real payloads on a tiny
index and a tiny model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import pair_row
from genaiops_assets.assets.alignment.judge_record import judge_record_assets
from genaiops_assets.assets.alignment.preference_pairs import preference_pairs_assets
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import Judging, Origin, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.bench import Bench
from tests.support.lakes import publish
from tests.support.preferences import with_pairs

LABELLED = [
    {
        "prompt": f"What does late return of the blue card cost, {n}?",
        "chosen": "95 dollars each quarter.",
        "rejected": "Free.",
    }
    for n in range(40)
]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def judging(uc: UseCase, **stated: Any) -> UseCase:
    return uc.model_copy(update={"alignment": uc.alignment.model_copy(update={"judging": Judging(**stated)})})


@pytest.mark.parametrize("judge", ["overlap", "nearness", "likelihood"])
def test_each_judge_is_measured_on_labelled_pairs_with_the_passages_of_the_index(bench: Bench, judge: str) -> None:
    folder = bench.lake.home / "inbox" / bench.uc.name / "feedback"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, LABELLED[:30])), encoding="utf-8")
    uc = judging(bench.uc, judge=judge)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(judge_record_assets(uc), resources={"platform": bench.platform}, instance=instance)
    record = bench.lake.current(uc.key("judge_record")).json("judge_record.json")
    assert (record["judge"], record["pairs"]) == (judge, 30)
    [check] = result.get_asset_check_evaluations()
    assert check.passed is (record["accuracy"]["low"] >= 0.6)
    if judge == "overlap":
        assert record["right"] == 30 and check.passed


def test_a_use_case_without_labelled_pairs_has_a_record_that_says_so(bench: Bench) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            judge_record_assets(bench.uc), resources={"platform": bench.platform}, instance=instance
        )
    [check] = result.get_asset_check_evaluations()
    assert not check.passed and "measured on 0 labelled pairs" in str(check.metadata["problem"].value)


# --- the gate on the pairs --------------------------------------------------------------------------------------------


def gate(uc: UseCase, home: Path) -> dg.AssetCheckResult:
    [check] = [a for a in preference_pairs_assets(uc) if "judge_was_measured" in str(getattr(a, "check_keys", ""))]
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [check], resources={"platform": Platform(home=str(home))}, instance=instance, selection=dg.AssetSelection.all_asset_checks(),
            raise_on_error=False,
        )  # fmt: skip
        [found] = result.get_asset_check_evaluations()
    return found  # type: ignore[return-value]


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


def rows(by: str) -> list[dict[str, Any]]:
    return [pair_row(Origin.CORPUS, "d", f"Q {n}?", [], ("a", 1.0), ("b", 0.0), by) for n in range(3)]


def test_pairs_of_an_unmeasured_judge_are_refused_where_the_use_case_asks_and_a_warning_elsewhere(
    tmp_path: Path, uc: UseCase
) -> None:
    with_pairs(uc, tmp_path / "home", rows("judge"))
    plain = gate(uc, tmp_path / "home")
    assert not plain.passed and plain.severity == dg.AssetCheckSeverity.WARN
    strict = gate(judging(uc), tmp_path / "home")
    assert not strict.passed and strict.severity == dg.AssetCheckSeverity.ERROR
    assert "has no record" in str(strict.metadata["problem"].value)


def test_pairs_of_people_need_no_judge_and_a_measured_judge_may_label(tmp_path: Path, uc: UseCase) -> None:
    lake = with_pairs(uc, tmp_path / "home", rows("Bea"))
    assert gate(judging(uc), tmp_path / "home").passed
    lake = with_pairs(
        uc,
        tmp_path / "home",
        [*rows("judge"), *rows("Bea")[:0], pair_row(Origin.HUMAN, "", "P?", [], ("a", 1.0), ("b", 0.0), "Bea")],
    )
    record = {"judge": "overlap", "version": "1", "pairs": 40, "accuracy": {"mean": 0.9, "low": 0.77, "high": 0.96}}
    publish(lake, uc.key("judge_record"), {"judge_record.json": record})
    assert gate(judging(uc), tmp_path / "home").passed
    assert not gate(judging(uc, at_least=0.8), tmp_path / "home").passed
