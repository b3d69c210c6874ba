"""The home: where everything that runs produce lives, and how Dagster is told.

Belongs here: finding GENAIOPS_HOME, making it, copying Dagster's instance file. Does not belong here: what is stored
(lake)."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
PROJECT = PACKAGE.parent
PRIVATE, PRIVATE_UMASK = 0o700, 0o077
INSTANCE_FILES = (PROJECT / "infra" / "dagster.yaml", PACKAGE / "infra" / "dagster.yaml")
POSTGRES_VARIABLE, POSTGRES_BLOCK = "GENAIOPS_POSTGRES_URL", "storage_postgres.yaml"


def is_open_to_others(home: Path) -> bool:
    """Whether anybody but its owner may read or write a home; false for one that does not exist."""
    return home.exists() and bool(home.stat().st_mode & 0o077)


def find_home() -> Path:
    """GENAIOPS_HOME, else `.genaiops` beside the workspace.yaml of the project, else below the current directory."""
    stated = os.environ.get("GENAIOPS_HOME")
    if stated:
        return Path(stated).expanduser().absolute()
    return (PROJECT if (PROJECT / "workspace.yaml").exists() else Path.cwd()) / ".genaiops"


def find_lake_url() -> str | None:
    """GENAIOPS_LAKE_URL, an fsspec URL for artifacts, tables and ledger; None for the home itself."""
    return os.environ.get("GENAIOPS_LAKE_URL") or None


def prepare_home(home: Path) -> Path:
    """Make the home and DAGSTER_HOME in it, with telemetry off from the first second. An instance file that exists is
    yours and stays. From here on this process and what it starts write files that only their owner can read: a home
    holds documents, questions and answers. Returns DAGSTER_HOME."""
    os.umask(PRIVATE_UMASK)
    home.mkdir(parents=True, exist_ok=True)
    if is_open_to_others(home) and home.stat().st_uid == os.getuid():
        home.chmod(home.stat().st_mode & PRIVATE)  # one that its owner may only read stays so
    dagster_home = home / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    target = dagster_home / "dagster.yaml"
    if not target.exists():
        source = next(f for f in INSTANCE_FILES if f.exists())
        shutil.copyfile(source, target)
        if os.environ.get(POSTGRES_VARIABLE):
            add_postgres_storage(dagster_home)
    return dagster_home


def add_postgres_storage(dagster_home: Path) -> None:
    """Let an instance file name Postgres; one that names a storage already stays. Atomic."""
    target = dagster_home / "dagster.yaml"
    before = target.read_text(encoding="utf-8")
    if re.search(r"^storage\s*:", before, re.MULTILINE):
        return
    block = next(f for f in (f.with_name(POSTGRES_BLOCK) for f in INSTANCE_FILES) if f.exists())
    new = target.with_suffix(".new")
    new.write_text(before.rstrip("\n") + "\n" + block.read_text(encoding="utf-8"), encoding="utf-8")
    new.replace(target)


def dagster_home_problem(home: Path) -> str | None:
    """Why the UI would not see this home's history, or None."""
    stated = os.environ.get("DAGSTER_HOME")
    wanted = home / "dagster"
    if stated and Path(stated).resolve() == wanted.resolve():
        return None
    return (
        f"DAGSTER_HOME is {stated or 'not set'}, so runs are recorded elsewhere and limits, telemetry switch and "
        f"history of {wanted} do not apply. "
        f"Start with `genaiops up`, or set DAGSTER_HOME={wanted}."
    )
