"""The long-running processes of `genaiops up`: the Dagster webserver and the daemon, together, on 127.0.0.1.

Belongs here: starting, watching and stopping them with everything they start: Dagster's code servers and run workers
outlive a killed daemon by themselves, and would go on with a run that nobody follows. Does not belong here: what they
do."""

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
from pathlib import Path
from typing import Any

import psutil

from genaiops_assets.lake import LeaseTimeout, lease, write_json
from genaiops_assets.orchestration.home import PROJECT

HOST = "127.0.0.1"
GRACE = 20.0  # seconds for a tidy end
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def workspace_arguments() -> list[str]:
    """The project's workspace file, or the installed module when there is none."""
    file = PROJECT / "workspace.yaml"
    return ["-w", str(file)] if file.exists() else ["-m", "genaiops_assets.definitions"]


def port_is_free(port: int) -> bool:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((HOST, port))
        except OSError:
            return False
    return True


def commands(port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "webserver": [*python, "dagster_webserver", "-h", HOST, "-p", str(port), *workspace_arguments()],
        "daemon": [*python, "dagster._daemon", "run", *workspace_arguments()],
    }


def run_ui(console: Any, port: int, home: Path) -> int:
    """Run both until one ends or the person stops them. Returns the exit code."""
    if not port_is_free(port):
        console.print(f"[red]✗[/red] port {port} is taken: genaiops up --port {port + 1}", highlight=False)
        return 1
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGTERM}
    )  # kept until `follow` listens: Dagster's own handler may lose it
    try:
        import dagster as dg

        from genaiops_assets.cli.jobs import close_orphans

        with lease(home / "staging" / "up.lease", timeout=0) as fd:
            end_leftovers(home)
            close_orphans(dg.DagsterInstance.get(), daemon_is_off=True)
            return follow(console, port, home, fd)
    except LeaseTimeout:
        console.print(f"[red]✗[/red] UI and daemon of {home} are running already", highlight=False, soft_wrap=True)
        return 1
    finally:  # every child inherits the mask, and Dagster waits for one that it asks to end
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def follow(console: Any, port: int, home: Path, lease_fd: int) -> int:
    """Start both and watch them. They inherit the lease, so that nobody starts a second daemon while one of them
    lives."""
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    working = PROJECT if (PROJECT / "workspace.yaml").exists() else Path.cwd()
    stop = threading.Event()  # an exception out of a signal handler could surface anywhere, also where it is lost
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    children = {
        name: start(command, logs / f"{name}.log", working, lease_fd) for name, command in commands(port).items()
    }
    write_json(sessions_file(home), [child.pid for child in children.values()])
    try:
        if not wait_for_port(port, children["webserver"], stop):
            if stop.is_set():
                return 0
            console.print(f"[red]✗[/red] the UI did not start; see {logs / 'webserver.log'}", highlight=False)
            return 1
        console.print(
            f"[green]✓[/green] http://{HOST}:{port}   sensors and schedules are on; logs in {logs}; Ctrl-C stops",
            highlight=False,
            soft_wrap=True,
        )
        while all(child.poll() is None for child in children.values()):
            if stop.wait(0.5):
                return 0
        ended = next(name for name, child in children.items() if child.poll() is not None)
        console.print(f"[red]✗[/red] the {ended} ended; see {logs / f'{ended}.log'}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        stop_all(children)


def start(command: list[str], log: Path, folder: Path, lease_fd: int) -> subprocess.Popen[Any]:
    """One child in a session of its own: by it, whatever the child starts can be found and ended."""
    with open(log, "a") as out:
        return subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=os.environ, pass_fds=(lease_fd,),
            start_new_session=True, preexec_fn=own_signals,
        )  # fmt: skip


def own_signals() -> None:
    """In the child, before it becomes the webserver or the daemon: it can be interrupted, which a shell's background
    job passes on as ignored, and Linux ends it when `up` is killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if LIBC:
        LIBC.prctl(1, signal.SIGKILL)


def wait_for_port(port: int, child: subprocess.Popen[Any], stop: threading.Event, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child.poll() is None and not stop.is_set():
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex((HOST, port)) == 0:
                return True
        time.sleep(0.3)
    return False


def stop_all(children: dict[str, subprocess.Popen[Any]]) -> None:
    """Ask both to end, then end what they started. A run is killed, not interrupted: an interrupted step counts as its
    own failure, while a run that lost its worker is repeated at the next start."""
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    for child in children.values():
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    end_all(members(child.pid for child in children.values()))


def sessions_file(home: Path) -> Path:
    return home / "staging" / "up.json"


def end_leftovers(home: Path) -> None:
    """Code servers and run workers of an `up` that was killed: they end before their runs are called failed."""
    with suppress(FileNotFoundError):
        left = [p for p in members(json.loads(sessions_file(home).read_text())) if works_for(p, home)]
        end_all(left)


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
