"""The process behind the web page of `genaiops up`: Dagster's own UI behind the guard, in one uvicorn.

Belongs here: putting the two together, and following the shared workspace file. Does not belong here: what may pass
(`guard.py`)."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context

from genaiops_assets.orchestration.codes import Codes
from genaiops_assets.orchestration.web.door import Door
from genaiops_assets.orchestration.web.guard import Guard
from genaiops_assets.orchestration.web.shared_workspace import Rendezvous

HOST = "127.0.0.1"
POLL_MILLISECONDS = 2000  # the page asks for news this often
DATABASE_TIMEOUT, POOL_RECYCLE, POOL_OVERFLOW = 15_000, 3600, 20  # as Dagster's own command sets them
LOADS = 120.0  # seconds a reload may take
log = logging.getLogger("genaiops.web")


class SharedWorkspace(WorkspaceProcessContext):
    """A workspace whose code server is somebody else's: to load it anew, ask `genaiops up` for a fresh one."""

    def __init__(self, instance: dg.DagsterInstance, files: list[str]) -> None:
        super().__init__(instance, WorkspaceFileTarget(files), version=dg.__version__)
        self._file = Path(files[-1])
        self._seen, self._turn = self._stamp(), threading.Condition()

    def _stamp(self) -> int:
        return self._file.stat().st_mtime_ns

    def follow(self) -> None:
        """Refresh whenever the file names another code server. Runs until the process ends."""
        while True:
            threading.Event().wait(1.0)
            try:
                stamp = self._stamp()
                if stamp != self._seen:
                    self.refresh_workspace()
                    with self._turn:
                        self._seen = stamp
                        self._turn.notify_all()
            except Exception:
                log.exception("the workspace could not be refreshed; it is tried again")

    def reload_code_location(self, name: str) -> None:
        self.reload_workspace()

    def reload_workspace(self) -> None:
        with self._turn:
            before = self._seen
            Rendezvous(Path(os.environ["GENAIOPS_HOME"])).ask_for_reload()
            self._turn.wait_for(lambda: self._seen != before, timeout=LOADS)


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
            threading.Thread(target=context.follow, name="workspace", daemon=True).start()
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
