"""The interaction log against what was published of it: each day's artifact holds the hash of every row it saw.

Belongs here: naming rows of the log that were changed or are missing. Does not belong here: the artifacts and tables of
the day (`lake/verify.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from genaiops_assets.lake import Lake, read_tombstones, row_hash
from genaiops_assets.serving.interactions.log import LATER, RENAMED, log_name
from genaiops_assets.use_case import UseCase

SHOWN = 5  # rows named of a day


def log_problems(lake: Lake, uc: UseCase, today: str = "") -> list[str]:
    """What is wrong with the log's rows on the days that were published. Rows past their retention and erased ones may
    be gone; rows that came after a day's artifact are not judged. `today`: ISO date, UTC."""
    asset, days = uc.key("interactions"), lake.heads.partitions(uc.key("interactions"))
    if not days:
        return []
    if not lake.tables.exists(log_name(uc)):
        return [f"tables/{log_name(uc)}: missing, and {len(days)} days of it were published"]
    rows = {r["id"]: r for r in lake.tables.open(log_name(uc)).search().to_list()}
    erased = read_tombstones(lake.store, uc.name)
    today = today or datetime.now(UTC).date().isoformat()
    found = []
    for day in days:
        snapshot = lake.current(asset, day).snapshot(uc.key("interactions_day"))
        published = lake.tables.rows(snapshot, ["id", "log_hash", "retain_until"])
        wrong = list(
            differing(
                (r for r in published if r["retain_until"] >= today and not erased.cover_interaction(r["id"])), rows
            )
        )
        if wrong:
            more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            found.append(f"tables/{log_name(uc)}: {day}: {'; '.join(wrong[:SHOWN])}{more}")
    return found


def differing(published: Iterator[dict[str, Any]], rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    for seen in published:
        row = rows.get(seen["id"])
        if row is None:
            yield f"interaction {seen['id']} is missing"
        elif seen["log_hash"] != row["row_hash"] or seen["log_hash"] not in hashes_of(row):
            yield f"interaction {seen['id']} was altered"


def hashes_of(row: dict[str, Any]) -> set[str]:
    """The hashes a row may have: over its columns as they are, or as an earlier version of the platform had them,
    without those that came later and by their old names."""
    back = {new: old for old, new in RENAMED.items()}
    plain = {k: v for k, v in row.items() if k != "_rowid"}
    fewer = {k: v for k, v in plain.items() if v is not None}
    earlier = [plain]
    for columns in reversed(LATER):
        earlier.append({k: v for k, v in earlier[-1].items() if k not in columns})
    return {row_hash(r) for r in (*earlier, fewer, {back.get(k, k): v for k, v in fewer.items()})}
