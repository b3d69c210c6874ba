"""Moving a home's history from Dagster's SQLite files into Postgres, without losing a run.

Belongs here: the copy. Events that Dagster's index holds (assets, checks, states of runs) keep their ids: cursors of
sensors and automation, checks and tags point at them. A run's other events get new ids behind them, in their order; so
in the log of a run that was moved the states and assets stand before the steps, each with its time. A run moves in one
transaction; started again, the move goes on where it was stopped, or from the start where the home has run since.
Nothing is deleted from the SQLite files. Does not belong here: choosing the storage (`orchestration/home.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as db
from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata, SqlEventLogStorageTable
from dagster._core.storage.runs.schema import RunStorageSqlMetadata
from dagster._core.storage.schedules.schema import ScheduleStorageSqlMetadata
from sqlalchemy.dialects.postgresql import insert

from genaiops_assets.errors import GenaiopsError

FILES = {
    "history/runs.db": RunStorageSqlMetadata,
    "schedules/schedules.db": ScheduleStorageSqlMetadata,
    "history/runs/index.db": SqlEventLogStorageMetadata,
}
OWN = ("secondary_indexes",)  # says what was built in a database: each has its own
AT_ONCE = 500
EVENTS = SqlEventLogStorageTable
MARKS = db.Table(
    "genaiops_moved",
    db.MetaData(),
    db.Column("what", db.Text, primary_key=True),
    db.Column("found", db.Text, nullable=False),
)
STATE = "*"  # the mark of the whole; the others are run ids
DONE = "done"


class MoveRefused(GenaiopsError, RuntimeError):
    """The target holds another history, or what arrived is not what left."""


@dataclass(frozen=True)
class Moved:
    runs: int
    events: int
    already: bool


def move(dagster_home: Path, url: str, said: Callable[[int, int], None] = lambda done, of: None) -> Moved:
    """Copy everything, then compare. `said`: run logs done, and how many there are. The tables must exist. Raises
    MoveRefused."""
    target = db.create_engine(url, poolclass=db.NullPool)
    with target.begin() as connection:
        MARKS.create(connection, checkfirst=True)
        already = begin(connection, fingerprint(dagster_home))
    if not already:
        for name, schema in FILES.items():
            if (dagster_home / name).exists():
                copy_tables(dagster_home / name, schema, target)
        shards = shard_files(dagster_home)
        for done, shard in enumerate(shards, 1):
            copy_run(shard, dagster_home / "history/runs/index.db", target)
            said(done, len(shards))
    compare(dagster_home, target)
    with target.begin() as connection:
        connection.execute(MARKS.update().where(MARKS.c.what == STATE).values(found=DONE))
        return Moved(count(connection, "runs"), count(connection, "event_logs"), already)


def begin(connection: db.Connection, source: str) -> bool:
    """Whether all was moved before. What a stopped move left of another state of the home is cleared."""
    mark = connection.scalar(db.select(MARKS.c.found).where(MARKS.c.what == STATE))
    if mark == DONE:
        return True
    if mark is None and (count(connection, "runs") or count(connection, "event_logs")):
        raise MoveRefused("the database holds runs that did not come from this home; name an empty one")
    if mark is not None and mark != source:
        for schema in FILES.values():
            for table in reversed(tables_of(schema)):
                connection.execute(table.delete())
        connection.execute(MARKS.delete())
    if mark != source:
        connection.execute(MARKS.insert().values(what=STATE, found=source))
    return False


def fingerprint(dagster_home: Path) -> str:
    """Changes with every run and every event of an asset or check."""
    index = sqlite(dagster_home / "history/runs/index.db")
    with index.connect() as connection:
        newest = connection.scalar(db.select(db.func.max(EVENTS.c.id)))
    return f"newest event {newest}"


def copy_tables(file: Path, schema: db.MetaData, target: db.Engine) -> None:
    """All tables of one file, row by row with their ids; what is there already stays."""
    source = sqlite(file)
    present = db.inspect(source).get_table_names()
    with source.connect() as reading, target.begin() as writing:
        for table in tables_of(schema):
            if table.name not in present:
                continue
            for rows in batches(reading.execute(db.select(table)).mappings()):
                writing.execute(insert(table).on_conflict_do_nothing(), rows)
            if "id" in table.c:
                writing.execute(
                    db.text(
                        f"select setval(pg_get_serial_sequence('{table.name}', 'id'), "
                        f"(select coalesce(max(id), 1) from {table.name}))"
                    )
                )


def copy_run(shard: Path, index: Path, target: db.Engine) -> None:
    """What only a run's own file holds, in one transaction with the mark that says so."""
    run_id = run_of(shard)
    with target.begin() as writing:
        if writing.scalar(db.select(MARKS.c.found).where(MARKS.c.what == mark_of(run_id))) is not None:
            return
        with sqlite(index).connect() as reading:
            indexed = Counter(reading.scalars(db.select(EVENTS.c.event).where(EVENTS.c.run_id == run_id)))
        with sqlite(shard).connect() as reading:
            rows = [dict(row) for row in reading.execute(db.select(EVENTS).order_by(EVENTS.c.id)).mappings()]
        fresh = list(unindexed(rows, indexed))
        for some in batches(iter(fresh)):
            writing.execute(EVENTS.insert(), some)
        writing.execute(MARKS.insert().values(what=mark_of(run_id), found=str(len(fresh))))


def unindexed(rows: list[dict[str, object]], indexed: Counter[str]) -> Iterator[dict[str, object]]:
    """Rows whose event the index does not hold, without their ids."""
    for row in rows:
        if indexed[str(row["event"])] > 0:
            indexed[str(row["event"])] -= 1
        else:
            yield {name: value for name, value in row.items() if name != "id"}


def compare(dagster_home: Path, target: db.Engine) -> None:
    """Every run of the files and every event of its log is in Postgres. Raises MoveRefused."""
    wanted, missing = Counter[str](), []
    with target.connect() as there:
        for shard in shard_files(dagster_home):
            with sqlite(shard).connect() as here:
                wanted[run_of(shard)] = count(here, "event_logs")
        found = Counter[str](dict(there.execute(db.text(BY_RUN)).tuples().all()))
        missing += [
            f"{run or 'events outside of runs'}: {found[run]} of {n}" for run, n in wanted.items() if found[run] < n
        ]
        if (dagster_home / "history/runs.db").exists():
            with sqlite(dagster_home / "history/runs.db").connect() as here:
                runs = set(here.scalars(db.text("select run_id from runs")))
            missing += [f"run {run}" for run in runs - set(there.scalars(db.text("select run_id from runs")))]
    if missing:
        raise MoveRefused(f"not everything arrived, the home stays on SQLite: {'; '.join(sorted(missing)[:5])}")


BY_RUN = "select run_id, count(*) from event_logs group by run_id"


def shard_files(dagster_home: Path) -> list[Path]:
    """The event files of single runs; `.db` holds what belongs to no run."""
    folder = dagster_home / "history" / "runs"
    return [f for f in [*sorted(folder.glob("[!.]*.db")), folder / ".db"] if f.exists() and f.name != "index.db"]


def run_of(shard: Path) -> str:
    return "" if shard.name == ".db" else shard.stem


def mark_of(run_id: str) -> str:
    return f"run {run_id}"


def tables_of(schema: db.MetaData) -> list[db.Table]:
    """In an order that foreign keys allow."""
    return [table for table in schema.sorted_tables if table.name not in OWN]


def sqlite(file: Path) -> db.Engine:
    return db.create_engine(f"sqlite:///file:{file}?mode=ro&uri=true", poolclass=db.NullPool)


def count(connection: db.Connection, table: str) -> int:
    return int(connection.scalar(db.select(db.func.count()).select_from(db.table(table))) or 0)


def batches(rows: Iterator[object]) -> Iterator[list[dict[str, object]]]:
    some: list[dict[str, object]] = []
    for row in rows:
        some.append(dict(row))  # type: ignore[call-overload]
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
