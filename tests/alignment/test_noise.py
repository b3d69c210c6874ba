"""The audit of labels finds those that were turned, in English and in Chinese; it stays silent where nothing can be
learned; what it takes out is not learned from.

Belongs here: the audit and what follows from it. Does not belong here: figures on real sets (`make bench-noise`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from genaiops_assets.alignment import LEAST, audit, auditable, judges, read_plan
from genaiops_assets.alignment.noise import called_wrong
from genaiops_assets.alignment.noise_judges import folds_of, preferences_of
from genaiops_assets.assets.alignment.label_noise_report import label_noise_report_assets
from genaiops_assets.assets.alignment.model_plan import model_plan_assets, suspects_of
from genaiops_assets.lake import Lake, record_gates
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.gates import DECLARED
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import Origin, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.bench import InProcess
from tests.support.lakes import publish
from tests.support.preferences import pairs, with_pairs


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_most_suspicious_tenth_holds_the_turned_labels(language: str) -> None:
    rows, wrong = pairs(language, LEAST)
    found = audit(rows, judges(None))
    assert all(opinion.counts for opinion in found.opinions.values())
    assert len(wrong & set(found.ranked[: len(wrong)])) >= 0.9 * len(wrong)
    assert found.suspects and set(found.suspects) <= wrong
    assert len(found.suspects) <= LEAST // 10


def test_where_labels_are_random_nobody_is_accused() -> None:
    rows, _ = pairs("en", LEAST, random_labels=True)
    found = audit(rows, judges(None))
    assert found.suspects == [] and found.why_none == "0 judges beat a guess on these pairs: two are needed"


def test_one_judge_alone_ranks_and_accuses_nobody() -> None:
    rows, wrong = pairs("en", LEAST)
    found = audit(rows, [judge for judge in judges(None) if judge.name == "characters"])
    assert found.suspects == [] and found.why_none == "1 judges beat a guess on these pairs: two are needed"
    assert len(wrong & set(found.ranked[: len(wrong)])) >= 0.9 * len(wrong)


def test_too_few_pairs_are_not_judged() -> None:
    rows, _ = pairs("en", LEAST - 1)
    found = audit(rows, judges(None))
    assert (found.suspects, found.opinions) == ([], {})
    assert found.why_none == "199 pairs with both answers: judges need at least 200 to learn from"


def test_one_question_stands_in_one_fold_and_folds_are_even() -> None:
    rows = [{"question": f"Q{n // 3}?" + " " * (n % 3)} for n in range(60)]
    folds = folds_of(rows, 5)
    assert all(len(set(folds[n : n + 3])) == 1 for n in range(0, 60, 3))
    assert np.bincount(folds).tolist() == [12] * 5


def test_a_judge_has_not_seen_the_label_it_judges() -> None:
    rows, _ = pairs("en", 60, turned=0)
    [judge] = [j for j in judges(None) if j.name == "form"]
    folds = folds_of(rows)
    before = preferences_of(judge, rows, folds)
    turned = [
        dict(r, chosen=r["rejected"], rejected=r["chosen"]) if f == 0 else r for r, f in zip(rows, folds, strict=True)
    ]
    after = preferences_of(judge, turned, folds)
    own = folds == 0
    assert np.allclose(before[own], 1 - after[own], atol=1e-4)  # the same opinion of the answers, whatever their label


def test_cleanlab_calls_what_every_judge_contradicts() -> None:
    sure = np.array([0.9] * 18 + [0.1] * 2)
    quality, wrong = called_wrong([sure, sure])
    assert set(np.argsort(quality)[:2]) == {18, 19} and set(np.flatnonzero(wrong)) == {18, 19}


def test_only_labels_that_can_be_wrong_are_judged() -> None:
    rows = [{"chosen": c, "rejected": r, "origin": o.value} for c, r, o in (
        ("a", "b", Origin.HUMAN), ("a", "", Origin.HUMAN), ("", "b", Origin.HUMAN), ("a", "b", Origin.CORPUS),
        ("a", "b", Origin.DEMONSTRATION),
    )]  # fmt: skip
    assert [r["origin"] for r in auditable(rows)] == ["human", "corpus"]


# --- as assets --------------------------------------------------------------------------------------------------------


@pytest.fixture
def uc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UseCase:
    monkeypatch.setattr(Platform, "launcher", lambda *_: InProcess())
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


def materialized(uc: UseCase, home: Path) -> Any:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            label_noise_report_assets(uc), resources={"platform": Platform(home=str(home))}, instance=instance
        )


def test_the_report_names_suspects_with_file_and_line_and_the_plan_leaves_them_out(tmp_path: Path, uc: UseCase) -> None:
    rows, wrong = pairs("en", LEAST)
    lake = with_pairs(uc, tmp_path / "home", rows)
    folder = lake.home / "inbox" / uc.name / "feedback"
    folder.mkdir(parents=True)
    said = [{k: rows[i][k] for k in ("question", "chosen", "rejected")} | {"reviewer": "Bea"} for i in sorted(wrong)]
    (folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in said), encoding="utf-8")
    result = materialized(uc, tmp_path / "home")
    assert result.success
    artifact = lake.current(uc.key("label_noise_report"))
    report = artifact.json("label_noise.json")
    assert set(report["judges"]) == {"embedding", "characters", "form"}
    suspects = {s["id"] for s in report["suspects"]}
    assert suspects and suspects <= {rows[i]["id"] for i in wrong} and report["removed"] == sorted(suspects)
    lines = {rows[i]["id"]: f"a.jsonl:{n}" for n, i in enumerate(sorted(wrong), start=1)}
    assert {s["id"]: s["place"] for s in report["suspects"]} == {i: lines[i] for i in suspects}
    assert "judges prefer the rejected answer" in report["suspects"][0]["reason"]
    assert not any(rows[0]["chosen"] in p.read_text() for p in artifact.local(".").rglob("*.json"))
    checks = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}
    assert checks["people_are_not_doubted"] is False

    base = {"ref": "r", "digest": "b", "license": "MIT"}
    publish(lake, uc.key("base_model"), {"base_model.json": base})
    publish(lake, uc.key("filtered_corpus"), {"c.json": {}})
    gone = planned_without(lake, uc, tmp_path / "home")
    assert gone == report["removed"]


def planned_without(lake: Lake, uc: UseCase, home: Path) -> list[str]:
    for asset in ("preference_pairs", "base_model", "filtered_corpus"):
        passed = dict.fromkeys(DECLARED[uc.key(asset)], True)  # checks that other tests of this process declared
        record_gates(lake, uc.key(asset), lake.heads.digest(uc.key(asset)), passed)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            model_plan_assets(uc),
            resources={"platform": Platform(home=str(home))},
            instance=instance,
            raise_on_error=False,
        )
        assert result.success, [e.message for e in result.all_events if e.is_step_failure]
    version = lake.current(uc.key("model_plan")).json("plan.json")["model_version"]
    return read_plan(lake, uc, version).training.pairs.left_out


def test_few_pairs_give_a_report_that_says_so_and_leave_the_plan_as_it_was(tmp_path: Path, uc: UseCase) -> None:
    rows, _ = pairs("en", 30)
    lake = with_pairs(uc, tmp_path / "home", rows)
    assert materialized(uc, tmp_path / "home").success
    report = lake.current(uc.key("label_noise_report"))
    assert report.json("label_noise.json")["why_none"].startswith("30 pairs with both answers")
    current = lake.current(uc.key("preference_pairs"))
    assert suspects_of(uc, report, current) == [] and suspects_of(uc, None, current) == []
    other = with_pairs(uc, tmp_path / "home", rows[:20]).current(uc.key("preference_pairs"))
    with pytest.raises(PermanentFailure, match="about other pairs"):
        suspects_of(uc, report, other)


def test_who_says_keep_keeps_them_and_the_default_stays_out_of_the_file(uc: UseCase) -> None:
    assert "noise" not in uc.alignment.model_dump(mode="json")
    kept = uc.alignment.model_copy(update={"noise": "keep"})
    assert kept.model_dump(mode="json")["noise"] == "keep"
