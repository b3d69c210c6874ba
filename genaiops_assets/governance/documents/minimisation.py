"""Data minimisation: which columns are stored and what for, and which fields of a source are read.

Belongs here: that statement, and columns that nobody stated a purpose for. Does not belong here: personal data within
the columns (`privacy_record.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.use_case import UseCase

STATED = Path(__file__).with_name("stored_columns.yaml")


@cache
def stated_columns() -> dict[str, dict[str, tuple[str, ...]]]:
    """Table → purpose → columns."""
    tables = yaml.safe_load(STATED.read_text("utf-8"))["tables"]
    return {table: {p: tuple(columns) for p, columns in by.items()} for table, by in tables.items()}


def purposes(language: str) -> dict[str, str]:
    """Purpose → in words."""
    return {name: said[language] for name, said in yaml.safe_load(STATED.read_text("utf-8"))["purposes"].items()}


def minimisation_of(uc: UseCase) -> dict[str, Any]:
    """{"tables": rows of table, purpose, columns; "sources": the fields that are read of each source's rows where the
    use case names them, none where the usual names are looked for; other fields of a row are never stored}."""
    words = purposes(uc.language)
    return {
        "tables": [
            {"table": table, "purpose": words[purpose], "columns": list(columns)}
            for table, by in stated_columns().items()
            for purpose, columns in by.items()
        ],
        "sources": [{"name": source.name, "fields": sorted(set(source.fields.values()))} for source in uc.sources],
    }


def without_purpose(stored: Mapping[str, Sequence[str]]) -> list[str]:
    """`table.column` of what is stored without a stated purpose. `stored`: table → its columns."""
    stated = {table: {c for columns in by.values() for c in columns} for table, by in stated_columns().items()}
    return [f"{t}.{c}" for t, columns in sorted(stored.items()) for c in columns if c not in stated.get(t, set())]
