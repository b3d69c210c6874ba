"""Two model versions side by side, and a row for each, from what was published alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genaiops_assets.alignment import build_plan, compare_versions, version_rows, versions_there
from genaiops_assets.errors import Missing
from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.lake import Lake, digest_of, write_json, write_rows
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support, publish

ITEMS = [f"g{n:02}" for n in range(20)]


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def version(lake: Lake, uc: UseCase, pairs: int, **alignment: Any) -> str:
    """A version by its plan."""
    changed = uc.alignment.model_copy(update=alignment)
    plan = build_plan(
        uc.model_copy(update={"alignment": changed}),
        base={"ref": uc.model.base, "digest": "b" * 64, "license": "Apache-2.0", "record": "r" * 64},
        pairs={"digest": digest_of(pairs), "rows": pairs},
        corpus={"digest": "c" * 64, "rows": 3},
    )
    publish(lake, uc.key("model_plan"), {"plan.json": plan}, partition=plan["model_version"])
    return plan["model_version"]


def judged(lake: Lake, uc: UseCase, version: str, scores: dict[str, float], *, changed: str = "") -> None:
    """A report with these scores of what people get; the words of question `changed` are others."""
    items = [
        {"id": i, "question": f"{i}{' now' if i == changed else ''}?", "answer": "Yes.", "split": "dev" if n % 2 else "held_out"}
        for n, i in enumerate(ITEMS)
    ]  # fmt: skip
    golden = publish(lake, uc.key("golden_set"), {"golden.json": {"items": items}})
    rows = [
        {
            "id": f"{item}/tuned_with", "suite": "golden", "item": item, "cell": "tuned_with", "slices": ["dev"],
            "answer": f"says {score}", "scores": [{"name": "answer_f1", "value": score}], "passages": [],
        }
        for item, score in sorted(scores.items())
    ]  # fmt: skip
    mean = {"mean": sum(scores.values()) / len(scores), "low": 0.1, "high": 0.9, "n": len(scores), "confidence": 0.95}
    cells = {"base_with": {}, "tuned_with": {"answer_f1": {"all": mean}}}
    key = digest_of(["report", version])
    with lake.work(key) as place:
        write_rows(place.scratch / "outputs.parquet", OUTPUTS, rows)
        snapshot = lake.tables.sync(uc.key("eval_outputs"), place.scratch / "outputs.parquet").snapshot
        write_json(place.staging / "eval_report.json", {"of": version, "cells": cells})
        lake.publish(
            uc.key("eval_report"), version, key, place.staging, snapshots=[snapshot],
            summary={"figures": {}, "tables": {}}, provenance={"inputs": {"golden": golden.digest}},
        )  # fmt: skip


def two(lake: Lake, uc: UseCase) -> tuple[str, str]:
    one, other = version(lake, uc, 8), version(lake, uc, 9, learning_rate=1e-4)
    judged(lake, uc, one, dict.fromkeys(ITEMS, 0.2))
    judged(lake, uc, other, {**dict.fromkeys(ITEMS, 0.8), "g01": 0.0, "g02": 0.2}, changed="g03")
    return one, other


def test_only_what_differs_is_told_of_the_plans(lake: Lake, uc: UseCase) -> None:
    found = compare_versions(lake, uc, *two(lake, uc))
    assert found["settings"] == {"learning_rate": [1e-3, 1e-4]}
    assert found["data"]["pairs.rows"] == [8, 9] and set(found["data"]) == {"pairs.rows", "pairs.digest"}


def test_the_effect_is_paired_over_the_same_questions(lake: Lake, uc: UseCase) -> None:
    found = compare_versions(lake, uc, *two(lake, uc))
    effect = found["effect"]["all"]
    assert effect["n"] == 19, "one question is asked in other words"
    assert effect["low"] > 0 and effect["mean"] == pytest.approx((17 * 0.6 - 0.2) / 19, abs=1e-6)
    assert found["effect"]["held_out"]["n"] + found["effect"]["dev"]["n"] == 19
    assert (found["items"]["won"], found["items"]["lost"]) == (17, 1)
    assert len(found["won"]) == 10 and found["won"][0]["moved"] == pytest.approx(0.6)
    [lost] = found["lost"]
    assert (lost["item"], lost["question"], lost["before"], lost["after"]) == ("g01", "g01?", 0.2, 0.0)


def test_turned_around_wins_are_losses(lake: Lake, uc: UseCase) -> None:
    one, other = two(lake, uc)
    back = compare_versions(lake, uc, other, one)
    assert back["effect"]["all"]["high"] < 0 and (back["items"]["won"], back["items"]["lost"]) == (1, 17)


def test_what_is_not_there_is_named(lake: Lake, uc: UseCase) -> None:
    one = version(lake, uc, 8)
    with pytest.raises(Missing, match=f"no model version mv-none in bank_support; there are: {one}"):
        compare_versions(lake, uc, one, "mv-none")
    with pytest.raises(Missing, match=f"{one} is not judged yet"):
        compare_versions(lake, uc, one, one)


def test_each_version_has_a_row_judged_or_not(lake: Lake, uc: UseCase) -> None:
    one, other = two(lake, uc)
    third = version(lake, uc, 10)
    publish(
        lake, uc.key("aligned_checkpoint"), {"checkpoint.json": {}}, partition=one,
        summary={"seconds": 12.5, "tokens": 800, "peak_memory_mb": 900, "other": 1},
    )  # fmt: skip
    rows = {row["version"]: row for row in version_rows(lake, uc, released=other)}
    assert set(rows) == {one, other, third} == set(versions_there(lake, uc))
    assert rows[one]["answer_f1"].startswith("0.200 [") and rows[third]["answer_f1"] == ""
    assert (rows[one]["seconds"], rows[one]["tokens"], rows[third]["seconds"]) == (12.5, 800, None)
    assert [rows[v]["in_production"] for v in (one, other)] == [False, True]
    assert (rows[one]["pairs"], rows[other]["learning_rate"]) == (8, 1e-4)


def test_the_command_prints_both_for_people_and_machines(
    lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genaiops_assets.cli.main import application

    one, other = two(lake, uc)
    monkeypatch.setenv("GENAIOPS_HOME", str(lake.home))
    run = lambda *words: CliRunner().invoke(application(["compare"]), ["compare", *words, "-u", "bank_support"])  # noqa: E731
    said = run(one, other)
    assert said.exit_code == 0, said.output
    told = json.loads(run(one, other, "--json").stdout)
    assert told["effect"]["all"]["n"] == 19 and told["versions"] == [one, other]
    table = json.loads(run("--all", "--json").stdout)
    assert [row["version"] for row in table] == versions_there(lake, uc)
    assert run(one).exit_code == 1 and run(one, "mv-none").exit_code == 1
