"""The long-running processes of `genaiops up`: webserver, daemon and code server, together, on 127.0.0.1.

Belongs here: starting, watching and stopping them with everything they start: run workers outlive a killed daemon by
themselves, and would go on with a run that nobody follows. Does not belong here: what they do, or when the code server
is replaced (`code_server.py`)."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from genaiops_assets.cli.code_server import CodeServerFailed, CodeServers
from genaiops_assets.cli.terminal import done, say
from genaiops_assets.lake import LeaseTimeout, lease, write_json
from genaiops_assets.orchestration.home import PROJECT

HOST = "127.0.0.1"
WEB_PAGE, DAEMON = "genaiops_assets.orchestration.web.server", "genaiops_assets.orchestration.daemon"
GRACE = 20.0  # seconds for a tidy end
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PARENT_DEATH_SIGNAL = 1  # prctl option


def workspace_arguments() -> list[str]:
    """The project's workspace file, or the installed module when there is none."""
    file = PROJECT / "workspace.yaml"
    return ["-w", str(file)] if file.exists() else ["-m", "genaiops_assets.definitions"]


def shared_workspace_arguments(shared: Path) -> list[str]:
    """The project's workspace file with the shared code server in place of its own module."""
    file = PROJECT / "workspace.yaml"
    return [*(["-w", str(file)] if file.exists() else []), "-w", str(shared)]


def port_is_free(port: int) -> bool:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((HOST, port))
        except OSError:
            return False
    return True


def commands(port: int, shared: Path, public: str | None) -> dict[str, list[str]]:
    python, workspace = [sys.executable, "-m"], shared_workspace_arguments(shared)
    behind = ["--public", public] if public else []
    return {
        "webserver": [*python, WEB_PAGE, "--port", str(port), *behind, *workspace],
        "daemon": [*python, DAEMON, *workspace],
    }


def run_ui(port: int, home: Path, public: str | None = None) -> int:
    """Run all until one ends or the person stops them. Returns the exit code."""
    if not port_is_free(port):
        say(f"port {port} is taken: genaiops up --port {port + 1}", "bad")
        return 1
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGTERM}
    )  # kept until `follow` listens: Dagster's own handler may lose it
    try:
        import dagster as dg

        from genaiops_assets.orchestration.open_files import open_files
        from genaiops_assets.orchestration.orphans import close_orphans

        with lease(home / "staging" / "up.lease", timeout=0) as fd:
            end_leftovers(home)
            with dg.DagsterInstance.get() as instance:
                close_orphans(instance, home, daemon_is_off=True)
            with open_files(home / "dagster"):  # for all that is started: they open and close them at every tick
                return Services(port, home, fd, public).follow()
    except LeaseTimeout:
        say(f"UI and daemon of {home} are running already", "bad")
        return 1
    finally:  # every child inherits the mask, and Dagster waits for one that it asks to end
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass
class Services:
    """All that one `genaiops up` runs. The children inherit the lease, so that nobody starts a second daemon while one
    of them lives."""

    port: int
    home: Path
    lease_fd: int
    public: str | None = None
    children: dict[str, subprocess.Popen[Any]] = field(default_factory=dict)
    sessions: list[int] = field(default_factory=list)

    def follow(self) -> int:
        """Start everything and watch it. Returns the exit code."""
        self.logs.mkdir(parents=True, exist_ok=True)
        stop = threading.Event()  # an exception out of a signal handler could surface anywhere, also where it is lost
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        code = CodeServers(self.home, self.start)
        try:
            return self.run(code, stop)
        except CodeServerFailed as error:
            say(f"{error}; see {self.logs / 'code_server.log'}", "bad")
            return 1
        except KeyboardInterrupt:
            return 0
        finally:
            stop_all(self.children, self.sessions, self.home)
            code.reap()

    def run(self, code: CodeServers, stop: threading.Event) -> int:
        code.open()
        while not code.is_ready():  # or their first look would fail, and their logs begin with a connection error
            self.look(code)
            if stop.wait(0.1):
                return 0
        for name, command in commands(self.port, code.meeting.workspace, self.public).items():
            self.children[name] = self.start(name, command)
        if not self.wait_for_ui(code, stop):
            if not stop.is_set():
                say(f"the UI did not start; see {self.logs / 'webserver.log'}", "bad")
            return 0 if stop.is_set() else 1
        self.say_what_runs()
        while all(child.poll() is None for child in self.children.values()):
            if stop.wait(0.5):
                return 0
            self.look(code)
        ended = next(name for name, child in self.children.items() if child.poll() is not None)
        say(f"the {ended} ended; see {self.logs / f'{ended}.log'}", "bad")
        return 1

    def look(self, code: CodeServers) -> None:
        code.tick()
        while code.changes:
            say(f"{time.strftime('%H:%M:%S')} {code.changes.pop(0)}")

    def wait_for_ui(self, code: CodeServers, stop: threading.Event, seconds: float = 120) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.children["webserver"].poll() is None and not stop.is_set():
            with socket.socket() as s:
                s.settimeout(1)
                if s.connect_ex((HOST, self.port)) == 0:
                    return True
            self.look(code)
            stop.wait(0.3)
        return False

    def start(self, name: str, command: list[str]) -> subprocess.Popen[Any]:
        working = PROJECT if (PROJECT / "workspace.yaml").exists() else Path.cwd()
        child = start(command, self.logs / f"{name}.log", working, self.lease_fd)
        self.sessions.append(child.pid)
        write_json(sessions_file(self.home), self.sessions)
        return child

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def say_what_runs(self) -> None:
        """Where it is, what was started, how to stop."""
        address = f"http://{HOST}:{self.port}"
        done(address + (f"   for people: {self.public}" if self.public else ""))
        say("  runs      web page, daemon (sensors and schedules are on), code server")
        say(f"  home      {self.home}")
        say(f"  logs      {self.logs}")
        say("  decisions genaiops approve, reject, promote, rollback, erase: in another terminal")
        say("  stop      Ctrl-C")


def start(command: list[str], log: Path, folder: Path, lease_fd: int) -> subprocess.Popen[Any]:
    """One child in a session of its own: by it, whatever the child starts can be found and ended."""
    with open(log, "a") as out:
        return subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=os.environ, pass_fds=(lease_fd,),
            start_new_session=True, preexec_fn=partial(own_signals, os.getpid()),
        )  # fmt: skip


def own_signals(parent: int) -> None:
    """In the child, before it becomes a service: it can be interrupted, which a shell's background job passes on as
    ignored, and Linux ends it when `up` is killed; also when that happened before this line."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if LIBC:
        LIBC.prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def stop_all(children: dict[str, subprocess.Popen[Any]], sessions: Iterable[int], home: Path) -> None:
    """Ask webserver and daemon to end, then end code servers and runs. A run is killed, not interrupted: an
    interrupted step counts as its own failure, while a run that lost its worker is repeated at the next start. A code
    server that is asked waits for its runs, which may take hours."""
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    for child in children.values():
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    end_all(own_members(sessions, home))


def sessions_file(home: Path) -> Path:
    return home / "staging" / "up.json"


def end_leftovers(home: Path) -> None:
    """Code servers and run workers of an `up` that was killed: they end before their runs are called failed."""
    with suppress(FileNotFoundError):
        end_all(own_members(json.loads(sessions_file(home).read_text()), home))


def own_members(sessions: Iterable[int], home: Path) -> list[psutil.Process]:
    return [process for process in members(sessions) if works_for(process, home)]


def members(sessions: Iterable[int]) -> list[psutil.Process]:
    """The living processes of sessions, by session id."""
    wanted, found = set(sessions), []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) in wanted and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def works_for(process: psutil.Process, home: Path) -> bool:
    """Whether a process serves this home: session numbers are used again after a while."""
    with suppress(psutil.Error):
        return process.environ().get("GENAIOPS_HOME") == str(home)
    return False


def end_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=GRACE)
