"""Upkeep of a Lance table: many small files made few, rows that no index covers added to it, versions before the
oldest tag dropped.

Belongs here: when and how. Does not belong here: which tags may go (`operations`). Lance refuses to compact at all when
it is to delete a version that a tag holds, which by default it is from seven days on; so versions go only from the
oldest end, up to the first that a tag holds."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime, timedelta
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


def going(table: Any, tags: Collection[str]) -> list[int]:
    """Versions of an open table that nothing would hold once these tags are gone: those before the oldest that another
    tag holds, or before the newest where there is no other."""
    held = [int(about["version"]) for tag, about in table.tags.list().items() if tag not in tags]
    versions = sorted(int(v["version"]) for v in table.list_versions())
    first = min([*held, versions[-1]])
    return [version for version in versions if version < first]


def drop_before(table: Any) -> None:
    """Delete the versions before the oldest one that a tag holds, with the files that no other version reads."""
    gone = going(table, ())
    if not gone:
        return
    first = next(v for v in table.list_versions() if int(v["version"]) == max(gone) + 1)
    since = datetime.now(first["timestamp"].tzinfo) - first["timestamp"]
    table.optimize(cleanup_older_than=timedelta(seconds=max(1, math.ceil(since.total_seconds() + 1))))
