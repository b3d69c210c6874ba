"""The worst items of each suite: what a person should read before believing a mean.

Belongs here: by which score, in which cell, and how much of an answer is cited. Does not belong here: reading the
table (the asset), or how it looks. Answers are cited by their first characters, as erasure looks for them
(`erasure/survey.py`), so that it reaches them here too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.use_case import ALL, BASE_CELLS, CELLS, SERVED_CELL

CITED = 300  # characters of an answer; the same as a report cites
SHOWN = 5
NOTHING_SAID = ""


def worst_items(
    suites: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    questions: Mapping[tuple[str, str], str],
    gates: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Of each suite whose answers are kept: {suite, cell, metric, better, judged, answered, faulty, tied, items}, an
    item as {id, item, question, answer, cut, score, slices}. `answered`: False where a model only read; `faulty`:
    items that miss the best score; `tied`: those not shown that score as badly as the last one shown."""
    by_suite: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_suite.setdefault(row["suite"], []).append(row)
    found = []
    for suite in suites:
        kept = by_suite.get(suite["name"], [])
        metric = deciding_metric(suite, gates)
        cell = served(row["cell"] for row in kept if score_of(row, metric) is not None)
        if cell is None:
            continue
        lower = any(f["metric"] == metric and f["better"] == "lower" for f in suite["figures"])
        found.append(worst_of(suite["name"], [r for r in kept if r["cell"] == cell], cell, metric, lower, questions))
    return found


def worst_of(
    suite: str,
    rows: Iterable[Mapping[str, Any]],
    cell: str,
    metric: str,
    lower: bool,
    questions: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    scored = [(score, row) for row in rows if (score := score_of(row, metric)) is not None]
    sign = -1 if lower else 1
    best = 0.0 if lower else 1.0
    faulty = sorted((s * sign, row["item"], row) for s, row in scored if s != best)
    shown = faulty[:SHOWN]
    return {
        "suite": suite,
        "cell": cell,
        "metric": metric,
        "better": "lower" if lower else "higher",
        "judged": len(scored),
        "answered": any(row["answer"] for _, row in scored),
        "faulty": len(faulty),
        "tied": sum(s == shown[-1][0] for s, _, _ in faulty[SHOWN:]) if shown else 0,
        "items": [
            {
                "id": row_id(suite, item, cell),
                "item": item,
                "question": question_of(row, suite, questions),
                "answer": row["answer"][:CITED],
                "cut": len(row["answer"]) > CITED,
                "score": score * sign,
                "slices": list(row.get("slices") or ()),
            }
            for score, item, row in shown
        ],
    }


def row_id(suite: str, item: str, cell: str) -> str:
    """The row of `eval_outputs` that holds the whole answer."""
    return f"{item}/{cell}" if suite == "golden" else f"{suite}/{item}/{cell}"


def question_of(row: Mapping[str, Any], suite: str, questions: Mapping[tuple[str, str], str]) -> str:
    return (questions.get((suite, row["item"])) or row.get("question") or NOTHING_SAID)[:CITED]


def deciding_metric(suite: Mapping[str, Any], gates: Sequence[Mapping[str, Any]]) -> str:
    """The score a gate decides by, one that must hold before one that should; or the first one of the suite."""
    scores = [f["metric"] for f in suite["figures"] if f["kind"] == "score"]
    ordered = sorted(gates, key=lambda gate: gate.get("severity", "must") != "must")
    gated = [g["metric"].split("/") for g in ordered]
    start = "cells" if suite["name"] == "golden" else "suites"
    for parts in gated:
        if parts[1] == start and (start == "cells" or parts[2] == suite["name"]):
            named = next((metric for metric in scores if metric in parts), None)
            if named:
                return named
    return scores[0] if scores else ""


def served(cells: Iterable[str]) -> str | None:
    """What people get: the tuned model with retrieval, else what comes nearest; None where nothing was scored."""
    there = set(cells)
    order = (SERVED_CELL, BASE_CELLS[1], *CELLS, "", ALL)
    return next((cell for cell in order if cell in there), min(there, default=None))


def score_of(row: Mapping[str, Any], metric: str) -> float | None:
    return next((s["value"] for s in row["scores"] if s["name"] == metric), None)


def lower_is_better(gates: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    """Metric → whether less is better, by the data file, and by what the gates ask."""
    found = dict(known_directions())
    for gate in gates:
        parts = gate["metric"].split("/")
        if "cells" in parts and len(parts) > parts.index("cells") + 2:
            found[parts[parts.index("cells") + 2]] = gate.get("side", "at_least") == "at_most"
    return found


@cache
def known_directions() -> dict[str, bool]:
    text = files(__package__).joinpath("directions.yaml").read_text("utf-8")
    stated = yaml.safe_load(text)
    return dict.fromkeys(stated["higher_is_better"], False) | dict.fromkeys(stated["lower_is_better"], True)
