"""Asset `tuning_losses` from published artifacts, by the real payload on a tiny model: a tuned version that refuses
everything is told so by its check, and a version without training has nothing to lose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from genaiops_assets.assets.evaluation.tuning_losses import NOTHING_TRAINED, answered_twice, tuning_losses_assets
from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.lake import ERASED_TEXT, Lake, memo_key, write_json, write_rows
from genaiops_assets.models import REFUSAL
from genaiops_assets.orchestration.claims import evidence
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.assets.test_checkpoints import planned, tuned
from tests.assets.test_checkpoints import uc as uc  # a starter over a tiny model
from tests.support.lakes import publish
from tests.support.tiny_model import small_update

ITEMS = 40
SOUND = "The fee for keeping this safe is one dollar a year, paid in May."
PASSAGES = pa.schema([(name, pa.string()) for name in ("id", "doc_id", "title", "heading", "text")])


def with_table(lake: Lake, asset: str, table: str, schema: pa.Schema, rows: list[dict[str, Any]], **more: Any) -> Any:
    """An artifact that stands for a table. `more`: its file and content, partition, inputs and config."""
    key = memo_key(asset, {}, "1", {"rows": len(rows)}, None)
    with lake.work(key) as place:
        write_rows(place.scratch / "rows.parquet", schema, rows)
        snapshot = lake.tables.sync(table, place.scratch / "rows.parquet").snapshot
        write_json(place.staging / more["file"], more.get("content", {}))
        return lake.publish(
            asset, more.get("partition"), key, place.staging, snapshots=[snapshot],
            summary={"figures": {}, "tables": {}}, provenance=more.get("provenance", {}),
        )  # fmt: skip


def judged(lake: Lake, uc: UseCase, version: str, adapter: Path | None, erased: str = "") -> Any:
    """Checkpoint, golden set, index and evaluation report of a version whose tuned model only refuses."""
    with lake.work("checkpoint" * 4) as place:
        write_json(place.staging / "checkpoint.json", {"method": "none" if adapter is None else "dpo"})
        if adapter is not None:
            (place.staging / "adapter").mkdir()
            for file in adapter.iterdir():
                if file.suffix in (".json", ".safetensors"):
                    (place.staging / "adapter" / file.name).write_bytes(file.read_bytes())
        summary: dict[str, Any] = {"figures": {}, "tables": {}}
        lake.publish(
            uc.key("aligned_checkpoint"), version, "checkpoint" * 4, place.staging,
            snapshots=[], summary=summary, provenance={},
        )  # fmt: skip
    items = [{"id": f"q{n}", "question": f"What is fee {n}?", "answer": "It is $1."} for n in range(ITEMS)]
    items = [{**item, "question": ERASED_TEXT} if item["id"] == erased else item for item in items]
    golden = publish(lake, uc.key("golden_set"), {"golden.json": {"items": items}})
    passages = [{"id": "p1", "doc_id": "d", "title": "Fees", "heading": "", "text": "A fee."}]
    index = with_table(
        lake, uc.key("embeddings_index"), uc.key("embeddings_index"), PASSAGES, passages, file="index.json"
    )
    said = {"base_with": SOUND, **({} if adapter is None else {"tuned_with": REFUSAL["en"]})}
    rows = [
        {
            "id": f"{item['id']}/{cell}", "suite": "golden", "item": item["id"], "cell": cell, "slices": ["dev"],
            "answer": answer, "scores": [], "passages": ["p1"],
        }
        for item in items
        for cell, answer in said.items()
    ]  # fmt: skip
    return with_table(
        lake, uc.key("eval_report"), uc.key("eval_outputs"), OUTPUTS, sorted(rows, key=lambda r: r["id"]),
        file="eval_report.json", content={"cells": {cell: {} for cell in said}}, partition=version,
        provenance={
            "inputs": {"golden": golden.digest, "index": index.digest},
            "config": {"max_new_tokens": 300, "resamples": 500},
        },
    )  # fmt: skip


def materialized(uc: UseCase, home: Path, adapter: Path | None) -> tuple[Lake, str, Any, Any]:
    lake = Lake(home)
    version = planned(uc, lake)
    judged(lake, uc, version, adapter)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [version])
        result = dg.materialize(
            tuning_losses_assets(uc),
            resources={"platform": Platform(home=str(home))},
            instance=instance,
            partition_key=version,
        )
    [check] = result.get_asset_check_evaluations()
    [made] = result.asset_materializations_for_node(f"{uc.name}__tuning_losses")
    return lake, version, check, made.metadata


@pytest.mark.model
def test_a_version_that_refuses_everything_is_told_so(uc: UseCase, tmp_path: Path) -> None:
    adapter = small_update(Path(uc.model.base.removeprefix("dir:")), tmp_path / "adapter", size=1e-3)
    lake, version, check, metadata = materialized(uc, tmp_path / "home", adapter)
    assert not check.passed and check.severity == dg.AssetCheckSeverity.WARN
    assert check.metadata["lost"].value.startswith("answered: share 1.000 → 0.000, difference -1.000 [")
    assert "capability en" in check.metadata and "not_shown" in check.metadata
    assert metadata["lost"].value == "answered" and "what tuning lost" in metadata and "losses" in metadata
    found = evidence(lake.current(uc.key("tuning_losses"), version))  # claims of the card point into this file
    assert found.document["figures"]["answered"]["verdict"] == "lost" and found.document["model_version"] == version


def test_a_version_without_training_has_nothing_to_lose(uc: UseCase, tmp_path: Path) -> None:
    lake, version, check, metadata = materialized(tuned(uc, method="none"), tmp_path / "home", None)
    assert check.passed and check.metadata["note"].value == NOTHING_TRAINED == metadata["note"].value
    document = lake.current(uc.key("tuning_losses"), version).json("tuning_losses.json")
    assert document["tuned"] is False and document["figures"] == {}


def test_a_question_that_was_erased_is_left_out(uc: UseCase, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    found = answered_twice(lake, uc, judged(lake, uc, "mv-000000000001", tmp_path, erased="q1"))
    assert len(found) == ITEMS - 1 and "q1" not in {answer.item for answer in found}
    assert all(answer.base == SOUND and answer.tuned == REFUSAL["en"] for answer in found)
    assert all(answer.passages == ("p1",) for answer in found)
