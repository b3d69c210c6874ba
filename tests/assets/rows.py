"""Rows of a filtered corpus to be judged. Holds no tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.corpus import FILTERED
from genaiops_assets.lake import Snapshot, Tables, write_rows
from genaiops_assets.quality import Outcome, corpus_suite, name_of, validate
from tests.support.lakes import bank_support


def document(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"doc-{number:04d}",
        "source": "handbook",
        "title": "Fees",
        "text": "word " * (number % 40 + 1),
        "text_hash": f"hash-{number}",
        "language": "en",
        "license": "MIT",
        "first_seen": 1,
    }
    return {**row, **changes}


def snapshot_of(folder: Path, rows: list[dict[str, Any]]) -> tuple[Tables, Snapshot]:
    tables = Tables(folder / "tables")
    write_rows(folder / "rows.parquet", FILTERED, rows)
    return tables, tables.sync("bank/filtered_corpus", folder / "rows.parquet").snapshot


def outcomes(folder: Path, rows: list[dict[str, Any]], more: list[Any] | None = None) -> dict[str, Outcome]:
    suite = [*corpus_suite(bank_support(), FILTERED), *(more or [])]
    found = validate(*snapshot_of(folder, rows), suite)
    assert [(o.expectation, o.arguments) for o in found] == suite
    return {name_of(o.expectation, o.arguments): o for o in found}
