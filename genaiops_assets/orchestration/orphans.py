"""Runs whose process is gone: they are failed, not "in progress" for ever with everything queued behind them.

Belongs here: the mark that a command line puts on its runs, and who counts as gone. Does not belong here: running a job
(`cli/jobs.py`).

A process number proves nothing by itself: it is used again, and in a container the command is number 1 each time. So a
command line holds a lease while its run is under way, and the run names it."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
import psutil

from genaiops_assets.lake import LeaseTimeout, lease
from genaiops_assets.orchestration.run_states import UNDER_WAY

PID, HOST, LEASE = "genaiops/cli_pid", "genaiops/cli_host", "genaiops/cli_lease"
NAME = re.compile(r"^[0-9a-f]{16}$")
CLOCK_SLACK = 2.0  # seconds between the start of a process and that of its run, as two clocks tell them


@contextmanager
def own_run(home: Path) -> Iterator[dict[str, str]]:
    """Yields the tags of a run that this process carries out; its lease is held meanwhile."""
    name = secrets.token_hex(8)
    file = lease_file(home, name)
    try:
        with lease(file, timeout=0):
            yield {PID: str(os.getpid()), HOST: socket.gethostname(), LEASE: name}
    finally:
        file.unlink(missing_ok=True)


def close_orphans(instance: dg.DagsterInstance, home: Path, *, daemon_is_off: bool = False) -> list[str]:
    """Fails runs of command lines that are gone; with `daemon_is_off` also those that a daemon had started before it
    died. Returns their ids."""
    closed = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=UNDER_WAY)):
        run = record.dagster_run
        if is_gone(record, home) if is_of_a_command_line(run) else daemon_is_off:
            instance.report_run_failed(run, "the process that ran it is gone")
            closed.append(run.run_id)
    return closed


def is_of_a_command_line(run: dg.DagsterRun) -> bool:
    """A run repeated from the web page carries the tags of the one before; its process is another."""
    return PID in run.tags and run.parent_run_id is None


def is_gone(record: dg.RunRecord, home: Path) -> bool:
    """Whether nobody carries a command line's run out any more."""
    tags = record.dagster_run.tags
    if NAME.match(tags.get(LEASE, "")):
        return is_free(lease_file(home, tags[LEASE]))
    started = record.start_time or record.create_timestamp.timestamp()
    return tags.get(HOST) != socket.gethostname() or not was_alive_at(int(tags[PID]), started)


def lease_file(home: Path, name: str) -> Path:
    return home / "staging" / "runs" / f"{name}.lease"


def is_free(file: Path) -> bool:
    if not file.exists():
        return True
    try:
        with lease(file, timeout=0):
            file.unlink(missing_ok=True)
            return True
    except LeaseTimeout:
        return False


def was_alive_at(pid: int, moment: float) -> bool:
    """Whether the process that has this number now had it at that moment (seconds since the epoch)."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= moment + CLOCK_SLACK
    return False
