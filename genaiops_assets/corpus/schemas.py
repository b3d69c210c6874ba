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

ERASED = pa.schema(  # rows of sources that still hold what was erased: they are counted, never stored
    [
        ("id", pa.string()),
        ("document", pa.string()),  # keyed hash of the document's id, "" where the row has none
        ("source", pa.string()),
        ("origin", pa.string()),  # keyed hash of the file's name, and the line
    ]
)


def _told_later(name: str) -> pa.Field:
    """A column that depends on the time of reading: no digest may."""
    return pa.field(name, pa.string(), metadata={"derived": "1"})


RIGHTS = pa.schema(  # one row per source (`source:NAME`) and document (`document:ID`)
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("origin", pa.string()),  # URL where known; otherwise reference of the source, file and line of the document
        ("version", pa.string()),  # digest of the source, text_hash of the document
        ("first_seen", pa.int64()),  # batch of the document, 0 for a source
        ("license", pa.string()),
        ("owner", pa.string()),
        ("rights_basis", pa.string()),
        ("lawful_access_basis", pa.string()),
        ("personal_data", pa.string()),
        ("personal_data_basis", pa.string()),
        (
            "tdm_signals",
            pa.string(),
        ),  # JSON {protocol: reserved | allowed | unknown, robots: allowed | disallowed | unknown}
        ("retention", pa.string()),  # as stated: "", "N days" or an ISO date
        ("refused", pa.string()),  # why nothing of this source was taken in, "" when it was
        _told_later("retention_until"),
        _told_later("fetched_at"),  # when this version was first read
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
        ("outcome", pa.string()),  # one of OUTCOMES
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
