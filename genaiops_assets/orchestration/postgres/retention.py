"""Retention of Dagster's events in Postgres: what only helped to follow a run goes after some days.

Belongs here: which events stay, and why:
- events of assets and checks: lineage, catalog, freshness and automation are answered from them;
- a run's changes of state: when it was queued, began and ended, and sensors read them;
- everything of a run that has not ended, or ended a shorter time ago.
Steps, log lines, engine notes and inputs and outputs of older runs go. The ledger is not touched: evidence is there.
Does not belong here: ticks of sensors, which dagster.yaml bounds (`retention`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as db
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, EVENT_TYPE_TO_PIPELINE_RUN_STATUS

KEPT = sorted({kind.value for kind in {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}})
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
AT_ONCE = 10_000  # rows a statement deletes, so that no lock lasts
FOUND = """
from event_logs e join runs r on r.run_id = e.run_id
where r.status in :ended and r.update_timestamp < :before
and (e.dagster_event_type is null or e.dagster_event_type not in :kept)
"""


@dataclass(frozen=True)
class Pruned:
    rows: int
    bytes: int
    runs: int


def prunable(engine: db.Engine, days: int, now: datetime | None = None) -> Pruned:
    """What `prune` would delete."""
    with engine.connect() as connection:
        rows, size, runs = connection.execute(
            statement(f"select count(*), coalesce(sum(length(e.event)), 0), count(distinct e.run_id) {FOUND}"),
            values(days, now),
        ).one()
    return Pruned(rows, size, runs)


def prune(engine: db.Engine, days: int, now: datetime | None = None) -> Pruned:
    """Delete, some rows at a time: a run of it that is stopped has deleted what it said."""
    found = prunable(engine, days, now)
    some = statement(f"delete from event_logs where id in (select e.id {FOUND} limit {AT_ONCE})")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(some, values(days, now)).rowcount:
            pass
        connection.execute(db.text("vacuum (analyze) event_logs"))
    return found


def statement(text: str) -> db.TextClause:
    return db.text(text).bindparams(db.bindparam("ended", expanding=True), db.bindparam("kept", expanding=True))


def values(days: int, now: datetime | None) -> dict[str, object]:
    before = (now or datetime.now(UTC)).replace(tzinfo=None) - timedelta(days=days)
    return {"ended": ENDED, "kept": KEPT, "before": before}
