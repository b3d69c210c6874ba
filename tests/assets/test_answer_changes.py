"""Asset `answer_changes` on published reports: beside the base model before anything is released, beside the release
after, and only on questions that are still the same."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.evaluation.answer_changes import answer_changes_assets
from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.governance.release import Release
from genaiops_assets.lake import Lake, pretty_json, write_json, write_rows
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, V2, bank_support, publish

Scores = dict[str, dict[str, float]]  # cell → item → answer F1


def golden(lake: Lake, uc: UseCase, **asked: str) -> str:
    items = [{"id": i, "question": q, "answer": "Yes."} for i, q in asked.items()]
    return publish(lake, uc.key("golden_set"), {"golden.json": {"items": items}}).digest


def report(
    lake: Lake, uc: UseCase, version: str, golden: str, cells: Scores, measured: dict[str, Any] | None = None
) -> None:
    """`measured`: what the report says of its cells, nothing unless given."""
    rows = [
        {
            "id": f"{item}/{cell}",
            "suite": "golden",
            "item": item,
            "cell": cell,
            "slices": ["dev"],
            "answer": f"{cell} says {score}",
            "scores": [{"name": "answer_f1", "value": score}],
            "passages": [],
        }
        for cell, scores in cells.items()
        for item, score in scores.items()
    ]
    key = version[3:] * 5
    with lake.work(key) as place:
        file = place.scratch / "outputs.parquet"
        write_rows(file, OUTPUTS, sorted(rows, key=lambda r: r["id"]))
        snapshot = lake.tables.sync(uc.key("eval_outputs"), file).snapshot
        write_json(
            place.staging / "eval_report.json", {"of": version, "cells": measured or {cell: {} for cell in cells}}
        )
        lake.publish(
            uc.key("eval_report"), version, key, place.staging, snapshots=[snapshot],
            summary={"figures": {}, "tables": {}}, provenance={"inputs": {"golden": golden}},
        )  # fmt: skip


def compared(lake: Lake, uc: UseCase, version: str) -> tuple[dict[str, Any], Any]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [version])
        result = dg.materialize(
            answer_changes_assets(uc),
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
            partition_key=version,
        )
    [check] = result.get_asset_check_evaluations()
    return lake.current(uc.key("answer_changes"), version).json("answer_changes.json"), check


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_before_a_release_a_version_stands_beside_the_base_model(lake: Lake) -> None:
    uc = bank_support()
    asked = golden(lake, uc, a="A?", b="B?")
    report(lake, uc, V1, asked, {"base_with": {"a": 0.0, "b": 1.0}, "tuned_with": {"a": 1.0, "b": 1.0}})
    found, check = compared(lake, uc, V1)
    assert found["against"] == "base model" and [r["item"] for r in found["rows"]] == ["a"]
    assert (found["won"], found["lost"]) == (1, 0) and check.passed


def test_a_version_that_loses_to_the_release_is_told_by_question(lake: Lake) -> None:
    uc = bank_support()
    items = "abcdefg"
    before = golden(lake, uc, **{i: f"{i}?" for i in items})
    report(lake, uc, V1, before, {"base_with": dict.fromkeys(items, 0.0), "tuned_with": dict.fromkeys(items, 1.0)})
    after = golden(lake, uc, **{i: f"{i}?" for i in items[1:]}, a="Another question?")
    report(lake, uc, V2, after, {"base_with": dict.fromkeys(items, 0.0), "tuned_with": dict.fromkeys(items, 0.25)})
    released = Release(uc.name, V1, "promote", "Ada", "better", "2026-01-02T00:00:00+00:00", "", {}, None)
    lake.store.write(f"production/{uc.name}.json", pretty_json(asdict(released)))
    found, check = compared(lake, uc, V2)
    assert found["against"] == V1 and found["items"] == found["lost"] == 6  # "a" was asked otherwise
    assert all(row["moved"] == -0.75 for row in found["rows"])
    assert not check.passed and check.metadata["lost"].value == 6
