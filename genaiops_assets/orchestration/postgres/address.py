"""The address of the Postgres server: from the environment, never in a file or a log.

Belongs here: reading it, and saying it without its password. Does not belong here: connecting."""

from __future__ import annotations

import os
import re

VARIABLE = "GENAIOPS_POSTGRES_URL"
SCHEME = re.compile(r"^(postgres|postgresql)://")


def postgres_url() -> str | None:
    """The address as SQLAlchemy needs it, or None where none is set."""
    stated = os.environ.get(VARIABLE)
    return with_driver(stated) if stated else None


def with_driver(url: str) -> str:
    """SQLAlchemy 2.1 takes `postgresql://` for psycopg 3; dagster-postgres brings psycopg2."""
    return SCHEME.sub("postgresql+psycopg2://", url)


def without_password(url: str) -> str:
    """For people: host, port and database."""
    from sqlalchemy.engine import make_url

    address = make_url(with_driver(url))
    return f"{address.host or 'localhost'}:{address.port or 5432}/{address.database or ''}"
