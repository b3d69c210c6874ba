"""A home with a release, tables, Dagster's history and an inbox, made in a second. Holds no tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from genaiops_assets.governance.release import decide, release
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, bank_support, candidate, publish

REASON = "read card and report"


def lived_in(home: Path, *, released: bool = True) -> tuple[Lake, UseCase]:
    """One judged version, released; a database in use, with its write-ahead log beside it."""
    lake, uc = Lake(home), bank_support()
    publish(lake, uc.key("documents"), {"documents.json": {"rows": 1}}, rows=uc.key("documents"))
    candidate(lake, uc)
    if released:
        decide(lake, uc, V1, decision="approved", name="Ada Approver", reason=REASON)
        release(lake, uc, V1, kind="promote", by="Olga Owner", reason=REASON)
    (home / "use_cases.txt").write_text("package:bank_support\n")
    (home / "inbox" / uc.name / "documents").mkdir(parents=True)
    (home / "inbox" / uc.name / "documents" / "a.md").write_text("A new fee of 3 dollars.")
    (home / "cache").mkdir(exist_ok=True)
    (home / "cache" / "big").write_text("made again")
    (home / "dagster" / "history").mkdir(parents=True)
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs.db")) as database:
        database.execute("pragma journal_mode=wal")
        database.execute("create table runs (id integer)")
        database.executemany("insert into runs values (?)", [(n,) for n in range(100)])
        database.commit()
    return lake, uc


def runs_in(home: Path) -> int:
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs.db")) as database:
        return int(database.execute("select count(*) from runs").fetchone()[0])
