"""The home: where everything that runs produce lives, and how Dagster is told.

Belongs here: finding GENAIOPS_HOME, making it, copying Dagster's instance file. Does not belong here: what is stored
(lake)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
PROJECT = PACKAGE.parent
INSTANCE_FILES = (PROJECT / "infra" / "dagster.yaml", PACKAGE / "infra" / "dagster.yaml")


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
    yours and stays. Returns DAGSTER_HOME."""
    dagster_home = home / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    target = dagster_home / "dagster.yaml"
    if not target.exists():
        source = next(f for f in INSTANCE_FILES if f.exists())
        shutil.copyfile(source, target)
    return dagster_home


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
