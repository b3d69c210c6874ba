"""The process that holds the definitions: Dagster's own code server, started as `dagster api grpc` would.

Belongs here: starting it, and what keeps it cheap while nothing happens. Does not belong here: when it is started or
replaced (`cli/code_server.py`)."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any


def remember_migrations() -> None:
    """Dagster 1.13 opens its three databases anew for each sensor tick, and each time reads all its migration scripts
    from disk to learn the newest revision: nine tenths of what a tick costs here. They do not change in a process."""
    from alembic.script import ScriptDirectory

    read: Any = ScriptDirectory.from_config
    if not hasattr(read, "cache_info"):
        ScriptDirectory.from_config = staticmethod(lru_cache(maxsize=8)(read))  # type: ignore[method-assign]


def main() -> None:
    from dagster._cli import main as dagster

    remember_migrations()
    sys.argv = ["dagster", "api", "grpc", *sys.argv[1:]]
    dagster()


if __name__ == "__main__":
    main()
