"""The one code server of `genaiops up`: it holds the definitions for webserver and daemon.

Belongs here: starting it, noticing that use cases changed, putting a fresh one in its place, restarting a dead one.
Does not belong here: webserver and daemon (`services.py`).

A change is answered by a second server on a socket of its own; the workspace file then names the new one. The old one
ends after everybody has moved and its runs are done: killing it at once would leave them without anybody to cancel
them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.orchestration.home import PROJECT
from genaiops_assets.orchestration.rendezvous import (
    LOCATION,
    Rendezvous,
    accepts_connections,
    write_workspace,
)
from genaiops_assets.use_case import definition_stamps

SERVER, MODULE = "genaiops_assets.orchestration.code_server", "genaiops_assets.definitions"
LOOK = 1.0  # seconds between two looks at the use case files
MOVED = 120.0  # seconds after which webserver and daemon, which look each second, have surely moved
LOADS = 300.0  # seconds a server may take to open its socket
ATTEMPTS = 5  # starts in a row that fail before `up` gives up

Start = Callable[[str, list[str]], "subprocess.Popen[Any]"]


class CodeServerFailed(GenaiopsError, RuntimeError):
    """The code server does not start; the message names its log."""


@dataclass
class Server:
    process: subprocess.Popen[Any]
    socket: Path
    since: float = field(default_factory=time.monotonic)

    def is_ready(self) -> bool:
        return accepts_connections(self.socket)


class CodeServers:
    """The serving code server, the one about to replace it, and those that finish their runs."""

    def __init__(self, home: Path, start: Start) -> None:
        self.home, self.meeting, self._start = home, Rendezvous(home), start
        self.serving: Server | None = None
        self.coming: Server | None = None
        self.retired: list[Server] = []
        self.changes: list[str] = []  # what was noticed, in words, until somebody reads it
        self._failures, self._count, self._looked = 0, 0, 0.0
        self._unannounced = False  # a server was started again, and nobody has been told
        self._stamps = self._now()

    def open(self) -> None:
        """Start the first one and let the workspace file name it. It is up when its socket answers."""
        self.meeting.prepare()
        self.serving = self._launch()
        write_workspace(self.meeting, self.serving.socket)

    def is_ready(self) -> bool:
        return self.serving is not None and self.serving.is_ready()

    def tick(self) -> None:
        """One look at everything; called about twice a second. Raises CodeServerFailed."""
        self._revive()
        self._announce()
        self._look_for_changes()
        self._let_it_take_over()
        self._retire()

    def reap(self) -> None:
        """After all of them were ended: none stays behind as a zombie, and the folder is empty."""
        for server in filter(None, (self.serving, self.coming, *self.retired)):
            server.process.kill()
            server.process.wait()
            server.socket.unlink(missing_ok=True)

    def _launch(self, socket: Path | None = None) -> Server:
        if socket is None:
            self._count += 1
            socket = self.meeting.folder / f"code-{self._count}.sock"
        socket.unlink(missing_ok=True)
        return Server(self._start("code_server", command(socket)), socket)

    def _revive(self) -> None:
        """A server that ended is started again on its socket."""
        for server in filter(None, (self.serving, self.coming)):
            if server.process.poll() is None:
                continue
            self._failures = self._failures + 1 if time.monotonic() - server.since < 30 else 1
            if self._failures > ATTEMPTS:
                raise CodeServerFailed(f"the code server ended {ATTEMPTS} times in a row")
            fresh = self._launch(server.socket)
            server.process, server.since = fresh.process, fresh.since
            self._unannounced = server is self.serving
            self.changes.append("the code server ended and was started again")

    def _announce(self) -> None:
        """The others look again when the file is written, also with the same socket in it."""
        if self._unannounced and self.is_ready() and self.serving:
            self._unannounced = False
            write_workspace(self.meeting, self.serving.socket)

    def _look_for_changes(self) -> None:
        if self.coming or time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        now = self._now()
        if now != self._stamps:
            self._stamps = now
            self.coming = self._launch()

    def _now(self) -> Any:
        return definition_stamps(self.home), self.meeting.requested()

    def _let_it_take_over(self) -> None:
        if not self.coming:
            return
        if self.coming.is_ready():
            if self.serving:
                self.retired.append(Server(self.serving.process, self.serving.socket))
            self.serving, self.coming = self.coming, None
            write_workspace(self.meeting, self.serving.socket)
            self.changes.append("use cases were loaded anew")
        elif time.monotonic() - self.coming.since > LOADS:
            raise CodeServerFailed(f"the code server was not ready in {LOADS:.0f} s")

    def _retire(self) -> None:
        for server in list(self.retired):
            if server.process.poll() is not None:
                self.retired.remove(server)
                server.socket.unlink(missing_ok=True)
            elif time.monotonic() - server.since > MOVED:
                server.since = time.monotonic()  # asked once more after a while, should it not have heard
                with suppress(Exception):
                    ask_to_end(server.socket)


def command(socket: Path) -> list[str]:
    """Dagster's code server for this package. A module that cannot be loaded is shown in the UI, it does not end it."""
    folder = str(PROJECT if (PROJECT / "workspace.yaml").exists() else Path.cwd())
    return [
        sys.executable, "-m", SERVER, "--socket", str(socket), "--lazy-load-user-code",
        "--use-python-environment-entry-point", "--location-name", LOCATION, "-m", MODULE, "-d", folder,
        "--log-level", "warning",
    ]  # fmt: skip


def ask_to_end(socket: Path) -> None:
    """Ask a code server to end when the runs it started are done."""
    from dagster._grpc.client import DagsterGrpcClient

    DagsterGrpcClient(socket=str(socket), host="localhost").shutdown_server(timeout=5)
