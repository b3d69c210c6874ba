"""The budget of connections: processes x storages x pool must fit what the server allows.

Belongs here: that sum, and what a home's dagster.yaml says about it. Does not belong here: the pools (`storage.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.orchestration.postgres.address import VARIABLE, postgres_url, without_password

STORAGES = 3  # events, runs, schedules
SERVICES = 3  # webserver, daemon, code server
COMMANDS = 2  # command lines beside them
POOL_SIZE, MAX_OVERFLOW, RUNS = 2, 2, 10  # where the instance file says nothing; RUNS is Dagster's own


@dataclass(frozen=True)
class Budget:
    """`budget` is None where the server could not be asked; `why` says why then."""

    processes: int
    each: int
    budget: int | None
    where: str
    why: str = ""

    @property
    def most(self) -> int:
        """Connections that a home opens when everything is busy at once."""
        return self.processes * STORAGES * self.each

    @property
    def fits(self) -> bool:
        return self.budget is not None and self.most <= self.budget

    def __str__(self) -> str:
        if self.budget is None:
            return f"{self.where}: {self.why}"
        return (
            f"{self.where}: {self.processes} processes x {STORAGES} storages x {self.each} connections = {self.most} "
            f"of {self.budget}"
        )

    @property
    def cure(self) -> str:
        if self.budget is None:
            return f"set {VARIABLE} to a server that answers"
        return (
            "lower pool_size, max_overflow or max_concurrent_runs in dagster.yaml, raise max_connections of the "
            "server, or put PgBouncer in between and say `budget` and `through_pgbouncer` (infra/README.md)"
        )


def budget_of(dagster_home: Path) -> Budget | None:
    """What a home would use and may use; None for a home that does not record in Postgres."""
    settings = instance_file(dagster_home)
    config = pooled_config(settings)
    if config is None:
        return None
    runs = ((settings.get("concurrency") or {}).get("runs") or {}).get("max_concurrent_runs", RUNS)
    each = config.get("pool_size", POOL_SIZE) + config.get("max_overflow", MAX_OVERFLOW)
    processes = SERVICES + COMMANDS + runs
    url = postgres_url()
    if url is None:
        return Budget(processes, each, None, "postgres", f"{VARIABLE} is not set")
    try:
        found = most_connections(url)
    except Exception as error:  # whatever a driver says; its first line names the host, never the password
        return Budget(processes, each, None, without_password(url), str(error).splitlines()[0])
    return Budget(processes, each, config.get("budget", found), without_password(url))


def pooled_config(settings: dict[str, Any]) -> dict[str, Any] | None:
    """What an instance file says about pooled storages; None where it names another storage."""
    storage = (settings.get("storage") or {}).get("custom") or {}
    return (storage.get("config") or {}) if storage.get("class") == "PooledPostgresStorage" else None


def instance_file(dagster_home: Path) -> dict[str, Any]:
    file = dagster_home / "dagster.yaml"
    return (yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}


def most_connections(url: str) -> int:
    """What the server leaves to others than its administrators."""
    import sqlalchemy as db

    engine = db.create_engine(url, poolclass=db.NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        most, reserved = connection.execute(
            db.text(
                "select current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int"
            )
        ).one()
    return int(most - reserved)
