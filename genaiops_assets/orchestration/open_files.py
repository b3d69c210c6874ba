"""Dagster's SQLite files, kept open while something goes on.

Belongs here: that, and nothing that is read or written. Dagster opens and closes a file for every event; whoever closes
a file last moves its write-ahead log into it and waits for the disk, which costs more than the event. While somebody
else has the file open, that is left to SQLite's own rule (each thousand pages). Does not belong here: other storage,
which has a server for this."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHARED = ("history/runs.db", "history/runs/index.db", "history/runs/.db", "schedules/schedules.db")


class OpenFiles:
    """Connections that hold no lock: each has read once and is within no transaction."""

    def __init__(self, dagster_home: Path):
        self.folder = dagster_home
        self.held: dict[Path, sqlite3.Connection] = {}

    def keep(self, name: str) -> None:
        """Hold a file of Dagster's folder; nothing where there is none, or where it cannot be read: it is no more than
        a matter of speed."""
        file = self.folder / name
        if file in self.held or not file.is_file():
            return
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            try:
                connection.execute("select count(*) from sqlite_master").fetchall()
            except sqlite3.Error:
                connection.close()
                raise
            self.held[file] = connection

    def keep_run(self, run_id: str) -> None:
        self.keep(f"history/runs/{run_id}.db")

    def close(self) -> None:
        for connection in self.held.values():
            connection.close()
        self.held.clear()


@contextmanager
def open_files(dagster_home: Path) -> Iterator[OpenFiles]:
    """The files that all runs share, held until the end of the block."""
    files = OpenFiles(dagster_home)
    try:
        for name in SHARED:
            files.keep(name)
        yield files
    finally:
        files.close()
