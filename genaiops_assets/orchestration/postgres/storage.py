"""Dagster's three Postgres storages with connections that are kept and used again.

Belongs here: pools in place of the connection that dagster-postgres opens for every statement. One pool a storage and
process, whatever number of instances the process makes (a code server makes one a tick). Does not belong here: how many
connections there may be (`budget.py`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as db
from dagster import BoolSource, Field, IntSource, StringSource
from dagster._core.storage.base_storage import DagsterStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage, PostgresScheduleStorage

from genaiops_assets.orchestration.postgres.address import with_driver

POOL_SIZE, MAX_OVERFLOW = 2, 2
PATIENCE = 30  # seconds for a free connection; dagster-postgres then asks five times more
RECYCLE = 1800  # seconds after which a connection is opened anew, before a firewall forgets it


@dataclass(frozen=True)
class Pool:
    """What makes two pools the same."""

    url: str
    size: int = POOL_SIZE
    overflow: int = MAX_OVERFLOW
    through_pgbouncer: bool = False


@cache
def engine_of(pool: Pool, storage: str, process: int, timeout: int = 0) -> db.Engine:
    """A pool of one storage in one process; `process` keeps a forked child from its parent's connections. `timeout`:
    milliseconds a statement may take, 0 for no bound; not set through PgBouncer, where it would stay on a connection
    that others use next."""
    bounded = timeout and not pool.through_pgbouncer
    return db.create_engine(
        pool.url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool.size,
        max_overflow=pool.overflow,
        pool_timeout=PATIENCE,
        pool_recycle=RECYCLE,
        pool_pre_ping=True,  # a server that was restarted costs one new connection, no error
        pool_use_lifo=True,
        connect_args={
            "application_name": f"genaiops {storage}",
            **({"options": f"-c statement_timeout={timeout}"} if bounded else {}),
        },
    )


prepared: set[tuple[Pool, str]] = set()  # whose tables this process has looked for


class Pooled:
    """Mixed into a storage of dagster-postgres: its engine becomes the pool."""

    _engine: db.Engine
    name = ""

    def __init__(self, pool: Pool, should_autocreate_tables: bool = True):
        self.pool = pool
        look = should_autocreate_tables and (pool, self.name) not in prepared
        super().__init__(pool.url, look)  # type: ignore[call-arg]
        prepared.add((pool, self.name))
        self._engine = engine_of(pool, self.name, os.getpid())

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """The same pool with a bound on statements; Dagster's own would open one connection per request above one."""
        self._engine = engine_of(self.pool, self.name, os.getpid(), statement_timeout)


class PooledEventLogStorage(Pooled, PostgresEventLogStorage):
    name = "events"


class PooledRunStorage(Pooled, PostgresRunStorage):
    name = "runs"


class PooledScheduleStorage(Pooled, PostgresScheduleStorage):
    name = "schedules"


STORAGES = (PooledEventLogStorage, PooledRunStorage, PooledScheduleStorage)


class PooledPostgresStorage(DagsterStorage, ConfigurableClass):
    """`storage` of a dagster.yaml (infra/storage_postgres.yaml)."""

    def __init__(self, pool: Pool, autocreate: bool = True, inst_data: ConfigurableClassData | None = None):
        self._inst_data = inst_data
        self._events = PooledEventLogStorage(pool, autocreate)
        self._runs = PooledRunStorage(pool, autocreate)
        self._schedules = PooledScheduleStorage(pool, autocreate)
        super().__init__()

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {
            "postgres_url": StringSource,
            "pool_size": Field(IntSource, default_value=POOL_SIZE),
            "max_overflow": Field(IntSource, default_value=MAX_OVERFLOW),
            "through_pgbouncer": Field(BoolSource, default_value=False),
            "budget": Field(IntSource, is_required=False),
            "should_autocreate_tables": Field(BoolSource, default_value=True),
        }

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        pool = Pool(
            with_driver(config_value["postgres_url"]),
            config_value["pool_size"],
            config_value["max_overflow"],
            config_value["through_pgbouncer"],
        )
        return cls(pool, config_value["should_autocreate_tables"], inst_data)

    @property
    def event_log_storage(self) -> PooledEventLogStorage:
        return self._events

    @property
    def run_storage(self) -> PooledRunStorage:
        return self._runs

    @property
    def schedule_storage(self) -> PooledScheduleStorage:
        return self._schedules

    @property
    def event_storage_data(self) -> ConfigurableClassData | None:
        return None

    @property
    def run_storage_data(self) -> ConfigurableClassData | None:
        return None

    @property
    def schedule_storage_data(self) -> ConfigurableClassData | None:
        return None
