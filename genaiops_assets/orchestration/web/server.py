"""The process behind the web page of `genaiops up`: Dagster's own UI behind the guard, in one uvicorn.

Belongs here: putting the two together. Does not belong here: what may pass (`guard.py`)."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import uvicorn
from dagster_webserver.app import create_app_from_workspace_process_context

from genaiops_assets.orchestration.codes import Codes
from genaiops_assets.orchestration.shared_workspace import SharedWorkspace
from genaiops_assets.orchestration.web.door import Door
from genaiops_assets.orchestration.web.guard import Guard

HOST = "127.0.0.1"
POLL_MILLISECONDS = 2000  # the page asks for news this often
DATABASE_TIMEOUT, POOL_RECYCLE, POOL_OVERFLOW = 15_000, 3600, 20  # as Dagster's own command sets them
log = logging.getLogger("genaiops.web")


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    try:
        yield
    except asyncio.CancelledError:
        log.info("the web page was shut down")


def serve(port: int, workspace: list[str], public: str | None) -> None:
    """Serve until interrupted."""
    home = Path(os.environ["GENAIOPS_HOME"])
    door = Door.of(port, public, home)
    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(DATABASE_TIMEOUT, POOL_RECYCLE, POOL_OVERFLOW)
        with SharedWorkspace(instance, workspace) as context:
            dagster_ui = create_app_from_workspace_process_context(context, "", POLL_MILLISECONDS, lifespan=lifespan)
            uvicorn.run(
                Guard(dagster_ui, door, Codes(home)), host=HOST, port=port, log_level="warning", proxy_headers=False,
                server_header=False, ws_max_size=2**20,
            )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--public", help="The address a reverse proxy serves this page at.")
    parser.add_argument("-w", "--workspace", action="append", required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    serve(given.port, given.workspace, given.public)


if __name__ == "__main__":
    main()
