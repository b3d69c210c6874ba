"""Known names: the documents, sources, interactions and quarantined lines a use case has or had.

Belongs here: reading them from all versions of its tables. Does not belong here: reading what a person named
(`opt_out.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.erasure.opt_out import Known
from genaiops_assets.lake import Lake, erased_rows, find, tables_of
from genaiops_assets.use_case import UseCase


def known_names(lake: Lake, uc: UseCase) -> Known:
    """What an argument or a line of an opt-out file may name."""
    names = {n.rpartition("/")[2]: n for n in tables_of(lake.tables, uc.name)}
    ids = {
        n: distinct(lake, names[n], ("id", "source", "file", "line"))
        for n in ("documents", "quarantine", "interactions")
        if n in names
    }
    documents, quarantine = ids.get("documents", []), ids.get("quarantine", [])
    return Known(
        documents={r["id"] for r in documents},
        sources={s.name for s in uc.sources} | {r["source"] for r in [*documents, *quarantine]},
        interactions={r["id"] for r in ids.get("interactions", [])},
        quarantined={r["id"] for r in quarantine} | {f"{r['file']}:{r['line']}" for r in quarantine},
    )


def distinct(lake: Lake, name: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every row a table ever had, of all its versions."""
    rows: list[dict[str, Any]] = []

    def remember(row: dict[str, Any]) -> bool:
        rows.append(row)
        return False

    find(lake.tables, name, columns, remember, erased_rows(lake).get(name))
    return rows
