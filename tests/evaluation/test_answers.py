"""Answers of which one row is gone are generated again, and an erased one is never used."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.evaluation import OUTPUTS, EarlierAnswers, EarlierRuns
from genaiops_assets.lake import ERASED_TEXT, Lake, write_rows

KEY, CELL = "k" * 64, "golden/base_with"


def earlier(lake: Lake, answers: dict[str, str], **which: object) -> EarlierAnswers:
    """A published report with these answers of cell base_with, by item."""
    blank = {"suite": "golden", "cell": "base_with", "slices": [], "scores": [], "passages": []}
    rows = [{**blank, "id": f"{item}/base_with", "item": item, "answer": text} for item, text in answers.items()]
    write_rows(lake.home / "outputs.parquet", OUTPUTS, rows)
    snapshot = lake.tables.sync("bank_support/eval_outputs", lake.home / "outputs.parquet").snapshot
    return EarlierAnswers(report="r" * 64, snapshot=snapshot.to_dict(), **(which or {"answers": {CELL: KEY}}))  # type: ignore[arg-type]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    (tmp_path / "home").mkdir()
    return Lake(tmp_path / "home")


def test_answers_come_in_the_order_of_the_items(lake: Lake) -> None:
    runs = EarlierRuns(lake, [earlier(lake, {"g1": "one", "g2": "two"})])
    assert runs.answers("golden", "base_with", ["g2", "g1"], KEY) == ["two", "one"]


def test_another_key_another_cell_or_a_missing_item_has_no_answers(lake: Lake) -> None:
    runs = EarlierRuns(lake, [earlier(lake, {"g1": "one"})])
    assert runs.answers("golden", "base_with", ["g1"], "another") is None
    assert runs.answers("golden", "tuned_with", ["g1"], KEY) is None
    assert runs.answers("golden", "base_with", ["g1", "g2"], KEY) is None


def test_an_erased_answer_is_not_used(lake: Lake) -> None:
    runs = EarlierRuns(lake, [earlier(lake, {"g1": ERASED_TEXT})])
    assert runs.answers("golden", "base_with", ["g1"], KEY) is None


def test_a_report_without_keys_gives_the_cells_it_is_known_for(lake: Lake) -> None:
    runs = EarlierRuns(lake, [earlier(lake, {"g1": "one"}, whole=(CELL,))])
    assert runs.answers("golden", "base_with", ["g1"], KEY) == ["one"]
    assert runs.answers("golden", "base_without", ["g1"], KEY) is None


def test_rows_that_are_not_as_published_are_not_believed(lake: Lake) -> None:
    stated = earlier(lake, {"g1": "one", "g2": "two"})
    forged = stated.model_copy(update={"snapshot": {**stated.snapshot, "digest": "f" * 64}})
    assert EarlierRuns(lake, [forged]).answers("golden", "base_with", ["g1"], KEY) is None
