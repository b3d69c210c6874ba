"""What a version answers differently from what it would replace, question by question.

Belongs here: comparing two sets of scored answers to the same questions. Does not belong here: which two are compared
(the asset), or averages over questions (`report.py`). Holds ids and scores only: the answers stand in `eval_outputs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genaiops_assets.statistics import more_lost_than_chance

SCORE = "answer_f1"
LOST, WON, EVEN = "lost", "won", "even"
SURE = 0.05  # so rarely would so many losses come about if a change were as often for the better


def answers_of_cell(rows: Iterable[Mapping[str, Any]], cell: str) -> dict[str, dict[str, Any]]:
    """Golden item → {answer, score} of one cell, from rows of `eval_outputs`."""
    found = {}
    for row in rows:
        if row["suite"] == "golden" and row["cell"] == cell:
            scores = {s["name"]: s["value"] for s in row["scores"]}
            found[row["item"]] = {"answer": row["answer"], "score": scores[SCORE]}
    return found


def answer_changes(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]], same: Iterable[str]
) -> dict[str, Any]:
    """{"items", "changed", "won", "lost", "even", "chance", "rows"}. `same`: questions that both were asked in the same
    words. `rows`: those whose score moved, the worst loss first. `chance`: how likely so many losses are by chance."""
    asked = sorted(i for i in same if i in before and i in after)
    rows = [
        {
            "item": item,
            "before": before[item]["score"],
            "after": after[item]["score"],
            "moved": round(after[item]["score"] - before[item]["score"], 6),
        }
        for item in asked
        if before[item]["answer"] != after[item]["answer"]
    ]
    won, lost = sum(r["moved"] > 0 for r in rows), sum(r["moved"] < 0 for r in rows)
    return {
        "items": len(asked),
        "changed": len(rows),
        WON: won,
        LOST: lost,
        EVEN: len(rows) - won - lost,
        "chance": round(more_lost_than_chance(lost, won), 6),
        "rows": sorted((r for r in rows if r["moved"]), key=lambda r: (r["moved"], r["item"])),
    }


def loses_too_much(found: Mapping[str, Any]) -> bool:
    return found["chance"] < SURE


def distinct(texts: Sequence[Sequence[str]], n: int) -> float | None:
    """Distinct-n: different n-grams of all answers over all n-grams; None where no answer has one. Source: Li et al.
    2016."""
    grams = [tuple(tokens[i : i + n]) for tokens in texts for i in range(len(tokens) - n + 1)]
    return round(len(set(grams)) / len(grams), 6) if grams else None
