"""Published evaluation reports, read back: the answers of one, what people got, and which questions two of them share.

Belongs here: reading. Does not belong here: making a report (`report.py`), or comparing (`changes.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.lake import ERASED_TEXT, Artifact, Lake
from genaiops_assets.use_case import BASE_CELLS, SERVED_CELL, UseCase

REPORT = "eval_report.json"
FIRST_SCORES = ("answer_f1", "rouge_l", "support")
BASE = BASE_CELLS[1]  # the base model with retrieval


def served_cell(report: Artifact) -> str:
    """The cell that people get: without training the base model is what answers."""
    return SERVED_CELL if SERVED_CELL in report.json(REPORT)["cells"] else BASE


def rows_of_report(lake: Lake, uc: UseCase, report: Artifact) -> list[dict[str, Any]]:
    """The answers of a report. Those of version 0.1 had a column a score, and golden questions alone."""
    snapshot = report.snapshot(uc.key("eval_outputs"))
    if "suite" in lake.tables.at(snapshot).schema.names:
        rows = list(lake.tables.rows(snapshot, ["suite", "item", "cell", "slices", "answer", "scores"]))
    else:
        rows = [_as_today(row) for row in lake.tables.rows(snapshot, ["item", "cell", "answer", *FIRST_SCORES])]
    return [row for row in rows if row["answer"] != ERASED_TEXT]


def same_questions(lake: Lake, uc: UseCase, one: Artifact, other: Artifact) -> dict[str, dict[str, Any]]:
    """Golden items, by id, that both reports asked in the same words and judged by the same answer."""
    asked = [
        lake.artifacts.get(uc.key("golden_set"), report.provenance()["inputs"]["golden"]) for report in (one, other)
    ]
    before, after = ({i["id"]: i for i in golden.json("golden.json")["items"]} for golden in asked)
    return {item: before[item] for item in before if before[item] == after.get(item)}


def _as_today(row: dict[str, Any]) -> dict[str, Any]:
    scores = [{"name": name, "value": row[name]} for name in FIRST_SCORES]
    return {"suite": "golden", **{n: row[n] for n in ("item", "cell", "answer")}, "scores": scores}
