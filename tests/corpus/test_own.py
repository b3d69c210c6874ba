"""The platform's own operators after a recipe: personal data by policy, test items removed; each decision in the
ledger and traceable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from genaiops_assets.corpus import Contamination, Item, Operator, Stages, outcome_of, segments_of, trace_document, walk
from genaiops_assets.corpus.operators.own import decontamination_operator, privacy_operators
from tests.corpus.test_engine import Held, Versions, numbered

POLICY = {"default": "mask", "by_kind": {"IBAN": "drop", "IP": "keep"}, "ner": "none"}
ITEM = "Which daily balance waives the monthly maintenance fee of the personal Blue Account at this bank?"
TEXTS = (
    "Write to jo.doe@example.com about the fee.",
    "请发送到 li.wei@example.com 咨询账户费用。",
    "Pay to DE89 3704 0044 0532 0130 00 before Friday.",
    "The server 192.168.10.17 keeps the log.",
    "No personal data here, only a fee of 25 dollars.",
    f"A page with a copied test question: {ITEM} Answer below.",
)


def ended(
    operators: list[Operator], folder: Path, versions: Versions
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Rows of the ledger, and the texts of those that stay, by id."""
    held, segments, stages = Held(versions), segments_of(operators, folder), Stages(folder / "stages")
    rows = outcome_of(walk(held, segments, stages, cpus=1, batch_rows=4), held.about(), operators).ledger
    texts = {
        r["id"]: r["text"]
        for s in segments
        for part in stages.of(s.digest).parts()
        for r in pl.read_parquet(part).to_dicts()
        if r["text"] is not None
    }
    return {r["id"]: r for r in rows.to_dicts()}, texts


@pytest.fixture
def operators(tmp_path: Path) -> list[Operator]:
    config = tmp_path / "items.json"
    config.write_text(
        json.dumps(Contamination.from_items([Item("golden", "gq-001", "question", ITEM)], 13).to_config())
    )
    recipe = [Operator("text_length_filter", {"min_len": 4}), Operator("document_deduplicator", {})]
    return [*recipe, decontamination_operator(config, 13, 0.8), *privacy_operators(POLICY)]


def test_personal_data_is_masked_dropped_or_kept_and_test_items_are_removed(
    operators: list[Operator], tmp_path: Path
) -> None:
    ledger, texts = ended(operators, tmp_path, numbered(*TEXTS))
    assert [ledger[f"d{n}"]["outcome"] for n in range(6)] == [
        "changed",
        "changed",
        "rejected",
        "kept",
        "kept",
        "rejected",
    ]
    assert "<EMAIL>" in texts["d0"] and "<EMAIL>" in texts["d1"] and "192.168.10.17" in texts["d3"]
    iban, item = ledger["d2"], ledger["d5"]
    assert (iban["operator"], iban["statistic"], iban["value"]) == ("personal_data_filter", "personal_data:IBAN", 1.0)
    assert (item["operator"], item["statistic"], item["value"]) == (
        "decontamination_filter",
        "overlap:golden/gq-001",
        1.0,
    )
    assert json.loads(iban["threshold"]) == {"IBAN": "drop", "IP": "keep", "default": "mask"}
    assert json.loads(item["threshold"]) == {"min_overlap": 0.8, "n": 13}


def test_their_decisions_can_be_worked_out_again(operators: list[Operator], tmp_path: Path) -> None:
    ledger, _ = ended(operators, tmp_path, numbered(*TEXTS))
    for i, row in ledger.items():
        assert trace_document({"id": i, "text": TEXTS[int(i[1:])]}, row, operators, tmp_path, None).agrees, row


def test_other_test_items_are_another_plan(operators: list[Operator], tmp_path: Path) -> None:
    before = segments_of(operators, tmp_path)[-1].digest
    (tmp_path / "items.json").write_text(
        json.dumps(Contamination.from_items([Item("golden", "gq-002", "question", ITEM)], 13).to_config())
    )
    assert segments_of(operators, tmp_path)[-1].digest != before


def test_a_policy_that_keeps_everything_adds_no_operator() -> None:
    assert privacy_operators({"default": "keep", "by_kind": {"IBAN": "keep"}, "ner": "none"}) == []
