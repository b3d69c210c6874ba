"""Rows of the table `eval_outputs`: each item in each cell with its answer, what was asked, its scores and who judged.

Belongs here: their columns and ids. Does not belong here: scoring, or intervals over them (`report.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from genaiops_assets.evaluation.suites.base import Scored
from genaiops_assets.evaluation.suites.golden import WITH_PASSAGES

OUTPUTS = pa.schema(
    [
        ("id", pa.string()),
        ("suite", pa.string()),
        ("item", pa.string()),
        ("cell", pa.string()),
        ("slices", pa.list_(pa.string())),
        ("answer", pa.string()),
        ("scores", pa.list_(pa.struct([("name", pa.string()), ("value", pa.float64())]))),
        ("passages", pa.list_(pa.string())),
        ("prompt", pa.string()),
        ("judges", pa.list_(pa.string())),
    ]
)


def output_rows(
    results: Iterable[Scored],
    prompts: Mapping[str, str] | None = None,
    judges: Mapping[tuple[str, str], str] | None = None,
) -> list[dict[str, Any]]:
    """Rows of `eval_outputs`, sorted by id. `prompts`: row id → digest of what was asked, or read; `judges`: (suite,
    metric) → NAME@VERSION of the judge behind a score, none for a stated rule."""
    behind = judges or {}
    rows = [
        {
            "id": output_id(r.suite, r.item.id, r.cell),
            "suite": r.suite,
            "item": r.item.id,
            "cell": r.cell,
            "slices": list(r.slices),
            "answer": r.answer,
            "scores": [{"name": m, "value": v} for m, v in sorted(r.scores.items())],
            "passages": [p.id for p in r.item.passages]
            if r.suite != "golden" or r.cell.endswith(WITH_PASSAGES)
            else [],
            "prompt": (prompts or {}).get(output_id(r.suite, r.item.id, r.cell), ""),
            "judges": sorted(
                {behind[r.suite, m] for m, v in r.scores.items() if v is not None and (r.suite, m) in behind}
            ),
        }
        for r in results
    ]
    return sorted(rows, key=lambda row: row["id"])


def output_id(suite: str, item: str, cell: str) -> str:
    """Rows of the golden suite keep the ids they always had."""
    return f"{item}/{cell}" if suite == "golden" else f"{suite}/{item}/{cell}"
