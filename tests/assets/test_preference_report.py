"""The report on preference pairs says what stands twice, what tells a label without reading, how far reviewers agree and
how well held-out labels are told; its checks fail where they should. The real payload, on English and Chinese pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import pair_row
from genaiops_assets.assets.alignment.preference_report import preference_report_assets
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import Origin, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.bench import InProcess
from tests.support.preferences import pairs, with_pairs


@pytest.fixture
def uc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UseCase:
    monkeypatch.setattr(Platform, "launcher", lambda *_: InProcess())
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


def reported(uc: UseCase, home: Path) -> tuple[dict[str, Any], dict[str, bool]]:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            preference_report_assets(uc), resources={"platform": Platform(home=str(home))}, instance=instance
        )
    checks = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}
    return Lake(home).current(uc.key("preference_report")).json("preference_report.json"), checks


def voices(home: Path, uc: UseCase, *lines: dict[str, Any]) -> None:
    folder = home / "inbox" / uc.name / "feedback"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def test_clear_pairs_of_two_languages_are_told_out_of_sample(tmp_path: Path, uc: UseCase) -> None:
    rows = pairs("en", 60, turned=0)[0] + pairs("zh", 60, turned=0)[0]
    with_pairs(uc, tmp_path / "home", rows)
    report, checks = reported(uc, tmp_path / "home")
    assert report["languages"] == {"en": 60, "zh": 60} and report["pairs"] == 120
    told = report["held_out_accuracy"]
    assert set(told) == {"embedding", "characters", "form", "take the longer"}
    assert told["characters"]["low"] > 0.7 and told["characters"]["n"] == report["split"]["held_out"] >= 10
    held = set(report["split"]["ids"])
    assert held < {r["id"] for r in rows}
    assert report["agreement"]["alpha"] is None and checks["reviewers_agree"]


def test_its_checks_fail_on_repeated_pairs_long_answers_and_reviewers_who_disagree(tmp_path: Path, uc: UseCase) -> None:
    texts = [("It costs five dollars, and that is all you pay for it. " * 2, "No.")] * 40
    rows = [
        pair_row(Origin.HUMAN, "", f"What does card {n // 2}{' ' * (n % 2)} cost?", [], (c, 1.0), (r, 0.0), "Bea")
        for n, (c, r) in enumerate(texts)
    ]
    lines = [
        {"question": f"Q {n}?", "chosen": c, "rejected": r, "reviewer": who, "shown_first": "chosen"}
        for n in range(12)
        for who, c, r in (("Bea", "a", "b"), ("Cleo", *(("b", "a") if n % 2 else ("a", "b"))))
    ]
    voices(tmp_path / "home", uc, *lines)
    with_pairs(uc, tmp_path / "home", rows)
    report, checks = reported(uc, tmp_path / "home")
    assert report["duplicates"]["spare_rows"] == 20 and len(report["duplicates"]["exact"]) == 20
    assert report["length"]["longer_is_chosen"]["mean"] == 1.0
    assert report["place"]["first_is_chosen"]["mean"] == 1.0
    assert report["agreement"]["units"] == 12 and report["agreement"]["alpha"] < 0.1
    assert checks == {"pairs_are_not_repeated": False, "labels_need_reading": False, "reviewers_agree": False}
