"""Columns of the corpus tables. Belongs here: nothing else."""

from __future__ import annotations

import pyarrow as pa

DOCUMENTS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("origin", pa.string()),  # file and line or member within the source
        ("title", pa.string()),
        ("text", pa.string()),
        ("text_hash", pa.string()),
        ("language", pa.string()),
        ("license", pa.string()),
        ("owner", pa.string()),
        ("rights_basis", pa.string()),
        ("personal_data", pa.string()),
        ("first_seen", pa.int64()),  # number of the batch that brought this version
    ]
)

QUARANTINE = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("excerpt", pa.string()),
    ]
)

FILTERED = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("text_hash", pa.string()),
        ("language", pa.string()),
        ("license", pa.string()),
        ("first_seen", pa.int64()),
    ]
)

ROW_LEDGER = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("outcome", pa.string()),  # kept | changed | rejected | duplicate | quarantined | erased
        ("step", pa.int64()),  # position of the operator in the recipe, -1 when none decided
        ("operator", pa.string()),
        ("statistic", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.string()),
        ("duplicate_of", pa.string()),
        ("before_hash", pa.string()),
        ("after_hash", pa.string()),
    ]
)
OUTCOMES = ("kept", "changed", "rejected", "duplicate", "quarantined", "erased")
