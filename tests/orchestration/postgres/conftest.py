"""One server for the tests of this folder, a fresh database and home for each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from genaiops_assets.orchestration.home import prepare_home
from genaiops_assets.orchestration.postgres.address import VARIABLE
from tests.support.postgres import Server, server, why_not


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    reason = why_not("initdb", "pg_ctl", "postgres")
    if reason:
        pytest.skip(reason)
    with server() as found:
        yield found


@pytest.fixture
def database(postgres: Server) -> str:
    name = f"home_{secrets.token_hex(4)}"
    postgres.sql(f"create database {name}")
    return name


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home on SQLite."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    prepare_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def url(postgres: Server, database: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, set in the environment after the home was made."""
    monkeypatch.setenv(VARIABLE, postgres.url(database))
    return postgres.url(database)
