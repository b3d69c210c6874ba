"""Dagster's history, read from its SQLite files without importing Dagster: the latest event of an asset, of a check.

Belongs here: those few questions, read-only. Where the instance file names other storage, or the files have another
shape, `open_history` gives None and the caller asks Dagster itself. Does not belong here: writing
(`history_writer.py`)."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

OTHER_STORAGE = re.compile(r"^(storage|event_log_storage|run_storage|instance_class)\s*:", re.MULTILINE)
COLUMNS = {
    "event_logs": {"id", "event", "dagster_event_type", "asset_key", "partition"},
    "asset_event_tags": {"event_id", "key", "value"},
    "asset_keys": {
        "asset_key",
        "last_materialization",
        "last_materialization_timestamp",
        "last_run_id",
        "wipe_timestamp",
    },
    "asset_check_executions": {"id", "asset_key", "check_name", "partition", "evaluation_event"},
}
MADE = "ASSET_MATERIALIZATION"


@dataclass(frozen=True)
class CheckResult:
    """`passed` is None when the check is under way or failed to run."""

    passed: bool | None
    severity: str | None


class Reads(Protocol):
    """What commands ask Dagster's history for."""

    def digest(self, key: str, partition: str | None) -> str | None: ...
    def newest_partition(self, key: str) -> str | None: ...
    def failed_last(self, key: str) -> bool: ...
    def check(self, key: str, name: str, partition: str | None) -> CheckResult: ...
    def ledger_marks(self) -> list[tuple[str, str]]: ...


class History:
    """Keys are asset keys joined by a slash."""

    def __init__(self, events: sqlite3.Connection, runs: sqlite3.Connection | None):
        self.events, self.runs = events, runs

    def digest(self, key: str, partition: str | None) -> str | None:
        """The data version of the latest materialization: "" where it has none, None where there is no
        materialization."""
        wiped = self._one("select strftime('%s', wipe_timestamp) from asset_keys where asset_key = ?", stored(key))
        found = self._one(
            "select coalesce(tag.value, '') from event_logs e left join asset_event_tags tag "
            "on tag.event_id = e.id and tag.key = 'dagster/data_version' where e.dagster_event_type = ? "
            "and e.asset_key = ? and (? is null or e.partition = ?) and (? is null or strftime('%s', e.timestamp) > ?) "
            "order by e.id desc limit 1",
            MADE,
            stored(key),
            partition,
            partition,
            wiped,
            wiped,
        )
        return found

    def newest_partition(self, key: str) -> str | None:
        return self._one(
            "select max(partition) from event_logs where dagster_event_type = ? and asset_key = ?", MADE, stored(key)
        )

    def failed_last(self, key: str) -> bool:
        """Whether the last run that wanted to make an asset failed."""
        run = self._one("select last_run_id from asset_keys where asset_key = ?", stored(key))
        if run is None or self.runs is None:
            return False
        found = self.runs.execute("select status from runs where run_id = ?", (run,)).fetchone()
        return bool(found and found[0] == "FAILURE")

    def check(self, key: str, name: str, partition: str | None) -> CheckResult:
        """The latest result of a check, of one partition where one is given."""
        event = self._one(
            "select evaluation_event from asset_check_executions where asset_key = ? and check_name = ? "
            "and (? is null or partition = ?) order by id desc limit 1",
            stored(key),
            name,
            partition,
            partition,
        )
        if event is None:
            return CheckResult(None, None)
        data = ((json.loads(event).get("dagster_event") or {}).get("event_specific_data")) or {}
        severity = (data.get("severity") or {}).get("__enum__", "")
        return CheckResult(data.get("success"), severity.partition(".")[2] or None)

    def ledger_marks(self) -> list[tuple[str, str]]:
        """(asset, beginning of the ledger's head) as the last materialization of each asset notes it."""
        marks = []
        for key, event in self.events.execute(
            "select asset_key, last_materialization from asset_keys where last_materialization is not null "
            "and (wipe_timestamp is null or last_materialization_timestamp > wipe_timestamp)"
        ):
            data = json.loads(event).get("event_log_entry", {}).get("dagster_event") or {}
            made = (data.get("event_specific_data") or {}).get("materialization") or {}
            texts = {e["label"]: (e.get("entry_data") or {}).get("text") for e in made.get("metadata_entries", ())}
            if isinstance(texts.get("ledger"), str) and texts["ledger"]:
                marks.append(("/".join(json.loads(key)), texts["ledger"]))
        return sorted(marks)

    def _one(self, query: str, *values: Any) -> Any:
        found = self.events.execute(query, values).fetchone()
        return found[0] if found else None


def stored(key: str) -> str:
    """An asset key as Dagster stores it."""
    return json.dumps(key.split("/"))


def history_of(dagster_home: Path) -> Reads:
    """Read without Dagster where that can be, through Dagster otherwise (another storage, another schema)."""
    found = open_history(dagster_home)
    if found is not None:
        return found
    from genaiops_assets.cli.history_by_dagster import HistoryByDagster

    return HistoryByDagster()


def open_history(dagster_home: Path) -> History | None:
    """The history of an instance; None where only Dagster can read it. An instance that never ran has an empty one."""
    if names_other_storage(dagster_home):
        return None
    with suppress(sqlite3.Error):
        events = readable(dagster_home / "history" / "runs" / "index.db")
        if events is None:
            return History(empty(), None)
        if all(wanted <= columns(events, table) for table, wanted in COLUMNS.items()):
            return History(events, readable(dagster_home / "history" / "runs.db"))
    return None


def names_other_storage(dagster_home: Path) -> bool:
    instance = dagster_home / "dagster.yaml"
    return instance.exists() and bool(OTHER_STORAGE.search(instance.read_text(encoding="utf-8")))


def readable(file: Path) -> sqlite3.Connection | None:
    """Read-only; on a file system where not even a lock can be made, as it lies there."""
    if not file.exists():
        return None
    for how in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)
        try:
            connection.execute("select 1 from sqlite_master limit 1").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            continue
        return connection
    raise sqlite3.OperationalError(f"{file}: cannot be opened")


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"pragma table_info({table})")}


def empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for table, wanted in COLUMNS.items():
        connection.execute(f"create table {table} ({', '.join([*sorted(wanted), *EXTRA.get(table, ())])})")
    return connection


EXTRA = {"event_logs": ("timestamp",)}
