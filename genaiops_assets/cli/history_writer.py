"""A decision written into Dagster's SQLite files without importing Dagster, which alone takes longer than the decision.

Belongs here: the two runless events of a decision, a check result and a release, row for row as Dagster 1.13 writes
them (a test holds both side by side). Where the instance has other storage, another schema or another Dagster is
installed, `open_writer` gives None and Dagster writes (`show_decision.py`). Does not belong here: what is said
(`orchestration/decision_findings.py`); any other event."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from genaiops_assets.cli.history import MADE, columns, names_other_storage, stored
from genaiops_assets.orchestration.decision_findings import Finding, Markdown, ReleaseEvent

SERIES, SCHEMA = (
    "1.13.",
    "29b539ebc72a",
)  # what these rows were learnt from: Dagster's version, its event log's revision
JUDGED = "ASSET_CHECK_EVALUATION"
PATIENCE = 60.0  # seconds for another writer
INFO = 20  # Python's level
ROW = "run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition"
WRITTEN = {
    "event_logs": {"id", *ROW.split(", ")},
    "asset_event_tags": {"id", "event_id", "asset_key", "key", "value", "event_timestamp"},
    "asset_check_executions": {
        "id", "asset_key", "check_name", "partition", "run_id", "execution_status", "evaluation_event",
        "evaluation_event_timestamp", "evaluation_event_storage_id", "materialization_event_storage_id",
        "create_timestamp",
    },
    "asset_keys": {
        "id", "asset_key", "last_materialization", "last_run_id", "asset_details", "wipe_timestamp",
        "last_materialization_timestamp", "tags", "create_timestamp", "cached_status_data",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """The newest materialization of an asset, as a check result points at it."""

    storage_id: int
    run_id: str
    timestamp: float
    texts: dict[str, str]


class HistoryWriter:
    """Keys are asset keys joined by a slash. Raises sqlite3.Error; nothing is half written in the index then."""

    def __init__(self, folder: Path):
        self.folder = folder

    def released(self, key: str, said: ReleaseEvent) -> None:
        """A materialization outside of any run."""
        at = time.time()
        made = {
            "__class__": "AssetMaterialization",
            "asset_key": asset_key(key),
            "description": said.description,
            "metadata_entries": [
                {"__class__": "EventMetadataEntry", "description": None, "entry_data": shown(text), "label": name}
                for name, text in said.shown.items()
            ],
            "partition": None,
            "tags": {"dagster/data_version": said.version},
        }
        data = {"__class__": "StepMaterializationData", "asset_lineage": [], "materialization": made}
        event = entry(MADE, data, at)
        row = ("", text_of(event), MADE, moment(at), None, stored(key), None)
        self._append_to_runless(row)
        with transaction(self.folder / "index.db") as index:
            number = append(index, row)
            index.execute(
                "insert into asset_event_tags (event_id, asset_key, key, value, event_timestamp) "
                "values (?, ?, ?, ?, ?)",
                (number, stored(key), "dagster/data_version", said.version, moment(at)),
            )
            record = {"__class__": "EventLogRecord", "event_log_entry": event, "storage_id": number}
            index.execute(
                "insert into asset_keys (asset_key, last_materialization, last_run_id, last_materialization_timestamp) "
                "values (?, ?, ?, ?) on conflict (asset_key) do update set "
                "last_materialization = excluded.last_materialization, last_run_id = excluded.last_run_id, "
                "last_materialization_timestamp = excluded.last_materialization_timestamp",
                (stored(key), text_of(record), "", moment(at)),
            )

    def judged(self, key: str, name: str, finding: Finding, partition: str | None) -> None:
        """A check's new state, aimed at the materialization it judges: without that target Dagster calls it stale."""
        at, target = time.time(), self.newest(key, partition)
        data = {
            "__class__": "AssetCheckEvaluation",
            "asset_key": asset_key(key),
            "blocking": None,
            "check_name": name,
            "description": None,
            "metadata": {label: shown(text) for label, text in finding.shown.items()},
            "partition": partition,
            "severity": {"__enum__": f"AssetCheckSeverity.{finding.severity}"},
            "success": finding.passed,
            "target_materialization_data": target
            and {
                "__class__": "AssetCheckEvaluationTargetMaterializationData",
                "run_id": target.run_id,
                "storage_id": target.storage_id,
                "timestamp": target.timestamp,
            },
        }
        event = text_of(entry(JUDGED, data, at))
        row = ("", event, JUDGED, moment(at), None, None, None)
        self._append_to_runless(row)
        with transaction(self.folder / "index.db") as index:
            if partition:  # its index holds one result of a check and partition outside of runs: room for the newest
                index.execute(
                    "delete from asset_check_executions "
                    "where asset_key = ? and check_name = ? and run_id = '' and partition = ?",
                    (stored(key), name, partition),
                )
            index.execute(
                "insert into asset_check_executions (asset_key, check_name, partition, run_id, execution_status, "
                "evaluation_event, evaluation_event_timestamp, evaluation_event_storage_id, "
                "materialization_event_storage_id) values (?, ?, ?, '', ?, ?, ?, ?, ?)",
                (stored(key), name, partition, "SUCCEEDED" if finding.passed else "FAILED", event, moment(at),
                 append(index, row), target and target.storage_id),
            )  # fmt: skip

    def newest(self, key: str, partition: str | None = None) -> Made | None:
        """The newest materialization that was not wiped since."""
        with closing(sqlite3.connect(self.folder / "index.db", timeout=PATIENCE)) as index:
            found = index.execute(
                "select e.id, e.run_id, e.event from event_logs e left join asset_keys a on a.asset_key = e.asset_key "
                "where e.dagster_event_type = ? and e.asset_key = ? and (? is null or e.partition = ?) "
                "and (a.wipe_timestamp is null or e.timestamp > a.wipe_timestamp) order by e.id desc limit 1",
                (MADE, stored(key), partition, partition),
            ).fetchone()
        if found is None:
            return None
        event = json.loads(found[2])
        entries = event["dagster_event"]["event_specific_data"]["materialization"]["metadata_entries"]
        texts = {e["label"]: e["entry_data"]["text"] for e in entries if "text" in (e.get("entry_data") or {})}
        return Made(found[0], found[1], event["timestamp"], texts)

    def _append_to_runless(self, row: tuple[Any, ...]) -> None:
        """Into the file of events outside of runs, which is made at the first one with the schema of the index."""
        with transaction(self.folder / ".db") as file:
            if not columns(file, "event_logs"):
                for statement in self._schema():
                    file.execute(statement)
                file.execute("insert into alembic_version (version_num) values (?)", (SCHEMA,))
            append(file, row)

    def _schema(self) -> list[str]:
        with closing(sqlite3.connect(self.folder / "index.db", timeout=PATIENCE)) as index:
            return [
                row[0] for row in index.execute("select sql from sqlite_master where sql is not null order by rowid")
            ]


def open_writer(dagster_home: Path) -> HistoryWriter | None:
    """A writer where the rows are known to be right: Dagster's own SQLite files in the known schema, that release
    series installed, and no error in looking. None otherwise."""
    folder = dagster_home / "history" / "runs"
    if names_other_storage(dagster_home) or not (folder / "index.db").exists():
        return None
    with suppress(metadata.PackageNotFoundError, sqlite3.Error):
        if not metadata.version("dagster").startswith(SERIES):
            return None
        with closing(sqlite3.connect(folder / "index.db", timeout=PATIENCE)) as index:
            known = index.execute("select version_num from alembic_version").fetchall() == [(SCHEMA,)]
            if known and all(columns(index, table) == wanted for table, wanted in WRITTEN.items()):
                return HistoryWriter(folder)
    return None


@contextmanager
def transaction(file: Path) -> Iterator[sqlite3.Connection]:
    """All or nothing, after any other writer."""
    with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode=wal")
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")


def append(connection: sqlite3.Connection, row: tuple[Any, ...]) -> int:
    done = connection.execute(f"insert into event_logs ({ROW}) values (?, ?, ?, ?, ?, ?, ?)", row)
    return int(done.lastrowid or 0)


def entry(kind: str, data: dict[str, Any], at: float) -> dict[str, Any]:
    """An event as Dagster writes one that belongs to no run."""
    event = {
        "__class__": "DagsterEvent",
        "event_specific_data": data,
        "event_type_value": kind,
        "logging_tags": {},
        "message": None,
        "pid": None,
        "pipeline_name": "",
        "solid_handle": None,
        "step_handle": None,
        "step_key": None,
        "step_kind_value": None,
    }
    return {
        "__class__": "EventLogEntry",
        "dagster_event": event,
        "error_info": None,
        "level": INFO,
        "message": "",
        "pipeline_name": "",
        "run_id": "",
        "step_key": None,
        "timestamp": at,
        "user_message": "",
    }


def shown(text: str) -> dict[str, str]:
    if isinstance(text, Markdown):
        return {"__class__": "MarkdownMetadataEntryData", "md_str": str(text)}
    return {"__class__": "TextMetadataEntryData", "text": text}


def asset_key(key: str) -> dict[str, Any]:
    return {"__class__": "AssetKey", "path": key.split("/")}


def moment(at: float) -> str:
    """As SQLAlchemy writes a date for SQLite."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def text_of(event: dict[str, Any]) -> str:
    return json.dumps(event, sort_keys=True)
