"""Trace: each outcome explained, and worked out again by Data-Juicer's own operators to the same number."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.corpus import Stages, load_recipe, outcome_of, segments_of, trace_document, walk
from tests.benchmarks.corpus_recipe import write_recipe
from tests.benchmarks.generator import documents
from tests.corpus.test_engine import Held, Versions

DRAWN = 200


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], dict[str, dict[str, Any]]]:
    """Recipe, texts and row ledger of 1,000 generated documents with planted dirt and duplicates."""
    folder = tmp_path_factory.mktemp("trace")
    recipe = write_recipe(folder)
    texts = {d["id"]: d["text"] for d in documents(1000)}
    versions: Versions = {i: (t, 1) for i, t in texts.items()}
    held, operators = Held(versions), load_recipe(recipe)
    found = outcome_of(
        walk(held, segments_of(operators, folder), Stages(folder / "stages"), cpus=1, batch_rows=500),
        held.about(),
        operators,
    )
    return recipe, texts, {r["id"]: r for r in found.ledger.to_dicts()}


def test_two_hundred_documents_drawn_at_random_are_explained_to_the_number(walked: Any) -> None:
    recipe, texts, ledger = walked
    operators = load_recipe(recipe)
    drawn = random.Random(3).sample(sorted(ledger), DRAWN)
    outcomes = {ledger[i]["outcome"] for i in drawn}
    assert {"changed", "rejected", "duplicate"} <= outcomes
    for i in drawn:
        row = ledger[i]
        original = {"text": texts[row["duplicate_of"]]} if row["duplicate_of"] else None
        found = trace_document({"id": i, "text": texts[i]}, row, operators, recipe.parent, original)
        assert found.agrees, (sorted(row.items()), found.decisions[-1])


def test_a_ledger_that_says_something_else_is_found_out(walked: Any) -> None:
    recipe, texts, ledger = walked
    operators = load_recipe(recipe)
    row = next(r for r in ledger.values() if r["outcome"] == "rejected" and r["value"] is not None)
    kept = next(r for r in ledger.values() if r["outcome"] in ("kept", "changed"))
    for lie in ({**row, "value": row["value"] + 1e-9}, {**row, "outcome": "kept", "step": -1}):
        assert not trace_document({"id": "x", "text": texts[row["id"]]}, lie, operators, recipe.parent, None).agrees
    lie = {**kept, "outcome": "rejected", "step": row["step"], "value": 0.0}
    assert not trace_document({"id": "x", "text": texts[kept["id"]]}, lie, operators, recipe.parent, None).agrees
