"""History: texts in Dagster's databases.

Belongs here: finding what an editor changes in them, and putting the changed texts in without a trace of the old ones.
Does not belong here: what an editor changes (`derived.py`)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Editor, Lake, edited_json

SQLITE = b"SQLite format 3\0"


def history_files(lake: Lake) -> list[Path]:
    """Raises Refused where the history is kept elsewhere: texts in it would stay, and an erasure says that none did."""
    instance = lake.home / "dagster" / "dagster.yaml"
    if instance.is_file() and re.search(r"^storage\s*:", instance.read_text(encoding="utf-8"), re.MULTILINE):
        raise Refused(
            f"{instance} names another storage than SQLite files, and erasing cannot reach it yet: nothing was erased"
        )
    found = sorted((lake.home / "dagster").rglob("*.db")) if (lake.home / "dagster").is_dir() else []
    return [p for p in found if p.is_file() and p.open("rb").read(16) == SQLITE]


def edited_history(file: Path, editor: Editor) -> Iterator[dict[str, Any]]:
    """Texts of a Dagster database that an editor changes: {table, column, row, content}. What is no JSON is one
    text."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        tables = [
            t for (t,) in db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        ]
        for table in tables:
            columns = [
                c[1]
                for c in db.execute(f'pragma table_info("{table}")')
                if not str(c[2]) or str(c[2]).upper().startswith(("TEXT", "VARCHAR"))
            ]
            for column in columns:
                for row, content in db.execute(
                    f'select rowid, "{column}" from "{table}" where length("{column}") > 40'
                ):
                    if isinstance(content, str) and (after := edited_event(content, editor)) != content:
                        yield {"table": table, "column": column, "row": row, "content": after}


def edited_event(content: str, editor: Editor) -> str:
    try:
        before = json.loads(content)
    except (ValueError, RecursionError):
        return editor.text(content)
    after = edited_json(before, editor)
    return content if after == before else json.dumps(after)


def rewrite_history(file: Path, changes: list[dict[str, Any]]) -> None:
    """Put other texts into a Dagster database, and nothing of the old ones left in its pages or its write-ahead log."""
    with closing(sqlite3.connect(file, timeout=60)) as db:
        db.execute("pragma secure_delete = on")
        with db:
            for c in changes:
                db.execute(f'update "{c["table"]}" set "{c["column"]}" = ? where rowid = ?', (c["content"], c["row"]))
        with suppress(
            sqlite3.OperationalError
        ):  # a reader may hold the file; secure_delete has overwritten the pages already
            db.execute("vacuum")
        db.execute("pragma wal_checkpoint(truncate)")
