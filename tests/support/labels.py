"""Use cases with something to rate: preference pairs, or two evaluated versions. Holds no tests."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import PAIRS, pair_row
from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.lake import Lake, write_json, write_rows
from genaiops_assets.use_case import Origin, UseCase
from tests.support.lakes import publish

Answers = dict[str, str]  # test item → answer


def pairs(lake: Lake, uc: UseCase, rows: list[tuple[str, str, str]], origin: Origin = Origin.CORPUS) -> None:
    """Preference pairs of (question, chosen, rejected), each with one passage."""
    made = [pair_row(origin, "doc", q, [f"About {q}"], (c, 1.0), (r, 0.0), "judge") for q, c, r in rows]
    with lake.work("f" * 64) as place:
        write_rows(place.scratch / "pairs.parquet", PAIRS, sorted(made, key=lambda row: row["id"]))
        snapshot = lake.tables.sync(uc.key("preference_pairs"), place.scratch / "pairs.parquet").snapshot
        write_json(place.staging / "pairs.json", {"rows": len(made)})
        how = {"inputs": {}}
        made_of = lake.publish(
            uc.key("preference_pairs"), None, "f" * 64, place.staging, snapshots=[snapshot],
            summary={"figures": {}, "tables": {}}, provenance=how,
        )  # fmt: skip
    lake.point(uc.key("preference_pairs"), None, made_of, "f" * 64)


def golden(lake: Lake, uc: UseCase, unanswerable: Answers | None = None, /, **asked: str) -> str:
    """A golden set of item → question, each answered "Yes.", and of questions that nothing answers; its digest."""
    items = [{"id": i, "question": q, "answer": "Yes."} for i, q in asked.items()]
    none = [{"id": i, "question": q, "answer": ""} for i, q in (unanswerable or {}).items()]
    return publish(lake, uc.key("golden_set"), {"golden.json": {"items": items, "unanswerable": none}}).digest


def evaluated(
    lake: Lake,
    uc: UseCase,
    version: str,
    golden: str,
    tuned: Answers,
    base: Answers | None = None,
    more: Answers | None = None,
) -> None:
    """An evaluation of a version: its answers with retrieval, and the base model's; `more`: to what nothing answers."""
    cells: dict[str, Answers] = {"tuned_with": tuned, "base_with": base or dict.fromkeys(tuned, "I do not know.")}
    rows: list[dict[str, Any]] = [
        {
            "id": f"{item}/{cell}", "suite": "golden", "item": item, "cell": cell, "slices": ["dev"], "answer": answer,
            "scores": [{"name": "answer_f1", "value": 0.5}], "passages": [],
        }
        for cell, answers in cells.items()
        for item, answer in answers.items()
    ]  # fmt: skip
    rows += [
        {**rows[0], "id": f"refusal/{item}/tuned_with", "suite": "refusal", "item": item, "answer": answer}
        for item, answer in (more or {}).items()
    ]
    key = version[3:] * 5
    with lake.work(key) as place:
        write_rows(place.scratch / "outputs.parquet", OUTPUTS, sorted(rows, key=lambda r: r["id"]))
        snapshot = lake.tables.sync(uc.key("eval_outputs"), place.scratch / "outputs.parquet").snapshot
        write_json(place.staging / "eval_report.json", {"of": version, "cells": {cell: {} for cell in cells}})
        lake.publish(
            uc.key("eval_report"), version, key, place.staging, snapshots=[snapshot],
            summary={"figures": {}, "tables": {}}, provenance={"inputs": {"golden": golden}},
        )  # fmt: skip
