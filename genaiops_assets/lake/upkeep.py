"""Upkeep of a Lance table: many small files made few, rows that no index covers added to it.

Belongs here: when and how. Does not belong here: deleting old versions. Tags hold them, and Lance refuses to compact
at all when it is to delete a version that a tag holds, which by default it is from seven days on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

NEVER = timedelta(days=365 * 50)
MANY = 64


def small_files(table: Any) -> int:
    return int(table.stats()["fragment_stats"]["num_small_fragments"])


def compact(table: Any) -> None:
    """Files and indexes of the newest version; all others stay as they are."""
    table.optimize(cleanup_older_than=NEVER)


def compact_if_many(table: Any) -> None:
    """Each change leaves a small file, and each reader opens them all. A table with indexes is cared for by whoever
    made them."""
    if small_files(table) > MANY and not table.list_indices():
        compact(table)
