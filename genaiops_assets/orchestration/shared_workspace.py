"""Dagster's workspace when one code server serves everybody: the web page and the daemon follow the same file.

Belongs here: noticing that the file names another code server. Does not belong here: the file and the folder it lies in
(`rendezvous.py`), or starting code servers (`cli/code_server.py`)."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import dagster as dg
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget

from genaiops_assets.orchestration.rendezvous import LOCATION, Rendezvous

LOADS = 120.0  # seconds a reload may take
LOOK = 1.0  # seconds between two looks at the file
log = logging.getLogger("genaiops.workspace")


class SharedWorkspace(WorkspaceProcessContext):
    """`files`: workspace files, the shared one last. Dagster's daemon asks for a refresh each minute, which costs a
    second of a core for definitions of this size: it gets one when something changed."""

    def __init__(self, instance: dg.DagsterInstance, files: list[str]) -> None:
        self._file = Path(files[-1])
        self._seen, self._turn = self._stamp(), threading.Condition()
        super().__init__(instance, WorkspaceFileTarget(files), version=dg.__version__)
        threading.Thread(target=self._follow, name="workspace-file", daemon=True).start()

    def refresh_workspace(self) -> None:
        if self._stamp() != self._seen or self._is_incomplete() or self._has_others():
            self._refresh_now()

    def _start_watch_thread(self, origin: GrpcServerCodeLocationOrigin) -> None:
        """Dagster asks each code server once a second whether it is still the same; `genaiops up` knows, and rewrites
        the file."""
        if origin.location_name != LOCATION:
            super()._start_watch_thread(origin)

    def reload_code_location(self, name: str) -> None:
        self.reload_workspace()

    def reload_workspace(self) -> None:
        """The button of the web page: `genaiops up` starts a fresh code server and the file names it."""
        with self._turn:
            before = self._seen
            Rendezvous(Path(os.environ["GENAIOPS_HOME"])).ask_for_reload()
            self._turn.wait_for(lambda: self._seen != before, timeout=LOADS)

    def _follow(self) -> None:
        while True:
            time.sleep(LOOK)
            try:
                if self._stamp() != self._seen:
                    self._refresh_now()
            except Exception:
                log.exception("the workspace could not be refreshed; it is tried again")

    def _refresh_now(self) -> None:
        stamp = self._stamp()
        self._grpc_server_registry.clear_all_grpc_endpoints()
        super().refresh_workspace()
        with self._turn:
            self._seen = stamp
            self._turn.notify_all()

    def _stamp(self) -> int:
        return self._file.stat().st_mtime_ns

    def _is_incomplete(self) -> bool:
        return any(entry.load_error for entry in self.get_current_workspace().code_location_entries.values())

    def _has_others(self) -> bool:
        """Whether the project's own workspace file lists code that Dagster serves by itself."""
        entries = self.get_current_workspace().code_location_entries.values()
        return any(not isinstance(entry.origin, GrpcServerCodeLocationOrigin) for entry in entries)
