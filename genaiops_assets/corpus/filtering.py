"""Filtering: what becomes of each row under a recipe, and why. Every row ends as exactly one outcome.

Belongs here: the walk over the operators, the order that decides which duplicate stays (first_seen, then id), and the reuse of
what an earlier run found out about an unchanged row. Does not belong here: the operators (the `Engine` protocol).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from genaiops_assets.corpus.recipe import Operator
from genaiops_assets.lake import digest_of_text


class Engine(Protocol):
    """Data-Juicer's operators by position in the recipe; texts in, results out, same order."""

    def map(self, step: int, texts: list[str]) -> list[str]: ...

    def judge(self, step: int, texts: list[str]) -> list[tuple[bool, str, float | None]]:
        """(keep, statistic's name, value) for each text."""
        ...

    def key(self, step: int, texts: list[str]) -> list[str | None]:
        """Exact deduplication keys, or None where the operator compares in another way."""
        ...

    def survivors(self, step: int, texts: list[str]) -> list[bool]:
        """For deduplicators without keys: which texts stay, given in order of precedence."""
        ...


@dataclass
class Row:
    """One document on its way through the recipe."""

    document: dict[str, Any]
    text: str
    outcome: str = ""
    step: int = -1
    operator: str = ""
    statistic: str = ""
    value: float | None = None
    threshold: str = ""
    duplicate_of: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    before: dict[str, Any] | None = None  # what the last run recorded for the same text under the same recipe

    @property
    def alive(self) -> bool:
        return not self.outcome

    def end(self, outcome: str, step: int, operator: Operator) -> None:
        self.outcome, self.step, self.operator, self.threshold = outcome, step, operator.name, operator.threshold


def run_recipe(
    documents: list[dict[str, Any]],
    operators: list[Operator],
    engine: Engine,
    *,
    earlier: dict[str, dict[str, Any]],
    batch_rows: int,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> list[Row]:
    """Walk all documents through the recipe. `earlier`: id → row of the last row ledger with `text_after` added, only for rows
    whose text is unchanged under an unchanged recipe and which were not duplicates then; empty unless the engine has keys."""
    rows = [Row(d, d["text"]) for d in sorted(documents, key=lambda d: (d["first_seen"], d["id"]))]
    for row in rows:
        row.before = earlier.get(row.document["id"])
        if row.before is not None:
            row.keys = json.loads(row.before["keys"])
    for step, operator in enumerate(operators):
        alive = [r for r in rows if r.alive]
        if operator.kind == "deduplicator":
            drop_duplicates(alive, step, operator, engine)
            continue
        for row in alive:
            if row.before is not None and row.before["outcome"] == "rejected" and row.before["step"] == step:
                row.end("rejected", step, operator)
                row.statistic, row.value = row.before["statistic"], row.before["value"]
        fresh = [r for r in alive if r.alive and r.before is None]
        for start in range(0, len(fresh), batch_rows):
            part = fresh[start : start + batch_rows]
            progress(operator.name, start + len(part), len(fresh))
            if operator.kind == "mapper":
                for row, text in zip(part, engine.map(step, [r.text for r in part]), strict=True):
                    row.text = text
            else:
                for row, (keep, name, value) in zip(part, engine.judge(step, [r.text for r in part]), strict=True):
                    if not keep:
                        row.end("rejected", step, operator)
                        row.statistic, row.value = name, value
    for row in rows:
        if row.alive:
            if row.before is not None:
                row.text = row.before["text_after"]
            row.outcome = "kept" if row.text == row.document["text"] else "changed"
    return rows


def drop_duplicates(alive: list[Row], step: int, operator: Operator, engine: Engine) -> None:
    """The first by (first_seen, id) stays; the others end as duplicates of it."""
    fresh = [r for r in alive if str(step) not in r.keys]
    keys = engine.key(step, [r.text for r in fresh])
    if any(k is None for k in keys):
        for row, stays in zip(alive, engine.survivors(step, [r.text for r in alive]), strict=True):
            if not stays:
                row.end("duplicate", step, operator)
        return
    for row, key in zip(fresh, keys, strict=True):
        row.keys[str(step)] = str(key)
    first: dict[str, Row] = {}
    for row in alive:
        original = first.setdefault(row.keys[str(step)], row)
        if original is not row:
            row.end("duplicate", step, operator)
            row.duplicate_of = original.document["id"]


def filtered_row(row: Row) -> dict[str, Any]:
    document = row.document
    kept = {name: document[name] for name in ("id", "source", "title", "language", "license", "first_seen")}
    return {**kept, "text": row.text, "text_hash": digest_of_text(row.text)}


def ledger_row(row: Row) -> dict[str, Any]:
    passed = row.outcome in ("kept", "changed")
    return {
        "id": row.document["id"],
        "source": row.document["source"],
        "outcome": row.outcome,
        "step": row.step,
        "operator": row.operator,
        "statistic": row.statistic,
        "value": row.value,
        "threshold": row.threshold,
        "duplicate_of": row.duplicate_of,
        "before_hash": row.document["text_hash"],
        "after_hash": digest_of_text(row.text) if passed else "",
        "keys": json.dumps(row.keys, sort_keys=True),
    }


def quarantine_ledger_row(quarantined: dict[str, Any]) -> dict[str, Any]:
    blank = {
        "step": -1,
        "operator": "ingest",
        "statistic": "",
        "value": None,
        "duplicate_of": "",
        "before_hash": "",
        "after_hash": "",
    }
    return {
        "id": quarantined["id"],
        "source": quarantined["source"],
        "outcome": "quarantined",
        **blank,
        "threshold": quarantined["reason"],
        "keys": "{}",
    }
