"""Reading in a process of its own, with limits of time and memory, so that no file can stop the others.

Belongs here: that process, what goes to it and comes back. Does not belong here: what is read (`__init__.py`). Nothing
that comes back is run or unpickled: it is JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Foreign, Outcomes, Problem, Record

MODULE = "genaiops_assets.corpus.read.guarded"
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")  # of the environment: a reader needs no secret
BATCH_BYTES, BATCH_SECONDS = 1 << 18, 0.5  # what a message gathers
LOOK = 0.25  # seconds between two looks at the memory of the process
STARTS_IN = 600.0  # seconds
MESSAGE = 1 << 30  # bytes


class GuardedReader:
    """`read(path, name, kind, wanted)` gives what `read_file` gives; a file that takes too long or too much memory, or
    ends the reading process, is a Problem. A context: the process ends with it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def __enter__(self) -> GuardedReader:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._end()

    def read(
        self, path: Path, name: str, kind: str = "auto", wanted: frozenset[str] | None = None, *, links: bool = False
    ) -> Outcomes:
        """Raises RuntimeError where the process cannot be started or lacks a library."""
        line = self._started()
        request = {"path": str(path), "name": name, "kind": kind, "links": links}
        request["wanted"] = None if wanted is None else sorted(wanted)
        request["limits"] = {limit: getattr(outcomes, limit) for limit in outcomes.LIMITS}  # type: ignore[assignment]
        is_whole = False
        try:
            with suppress(OSError):  # where the process has just ended, there is nothing to receive either
                line.send_bytes(json.dumps(request).encode())
            while not is_whole:
                message = self._received(line, _seconds(path))
                if isinstance(message, str):
                    yield Problem(name, 0, "", message)
                    return
                if "raised" in message:
                    raise RuntimeError(message["raised"])
                is_whole = message["end"]
                yield from (_outcome(o) for o in message["outcomes"])
        finally:
            if not is_whole or self._memory() > outcomes.MAX_MEMORY // 2:
                self._end()

    def _started(self) -> Connection:
        if self._line is not None and self._process is not None and self._process.poll() is None:
            return self._line
        self._end()
        ours, theirs = _pair()
        complaints = TemporaryFile()  # noqa: SIM115 read below where the process does not start
        environment = {k: os.environ[k] for k in KEPT if k in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        arguments = [str(theirs.fileno()), str(outcomes.MAX_MEMORY), str(os.getpid())]
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        with suppress(EOFError, OSError):
            if ours.poll(STARTS_IN) and ours.recv_bytes(MESSAGE) == b"ready":
                self._line = ours
                return ours
        process = self._process
        self._end()
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip()[-2000:]
        raise RuntimeError(f"the process that reads files did not start: {said or process.returncode}")

    def _received(self, line: Connection, seconds: float) -> dict[str, Any] | str:
        """A message, or why none will come."""
        until = time.monotonic() + seconds
        memory = f"takes more than {outcomes.MAX_MEMORY >> 20} MiB to read: split it"
        try:
            while not line.poll(LOOK):
                if self._memory() > outcomes.MAX_MEMORY:
                    return memory
                if time.monotonic() > until:
                    return f"no record within {seconds:.0f} seconds: damaged, or too large to be read"
            return json.loads(line.recv_bytes(MESSAGE))
        except (EOFError, OSError):
            code = self._process.wait() if self._process else 0
            return f"ended the process that reads it ({f'signal {-code}' if code < 0 else code}): damaged, or {memory}"

    def _memory(self) -> int:
        import psutil

        with suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().rss) if self._process else 0
        return 0

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


def _pair() -> tuple[Connection, Connection]:
    import socket

    ours, theirs = socket.socketpair()
    return Connection(ours.detach()), Connection(theirs.detach())


def _seconds(path: Path) -> float:
    with suppress(OSError):
        return outcomes.SECONDS + path.stat().st_size / 1e6 * outcomes.SECONDS_PER_MB
    return outcomes.SECONDS


def _outcome(values: list[Any]) -> Record | Problem:
    if len(values) == 5:
        return Problem(*values)
    file, line, fields, foreign, other_id, left_out, unread = values
    return Record(file, line, fields | {k: Foreign(*v) for k, v in foreign.items()}, other_id, left_out, tuple(unread))


def _values(outcome: Record | Problem) -> list[Any]:
    """As JSON holds it, in the order of `_outcome`."""
    if isinstance(outcome, Problem):
        return list(astuple(outcome))
    foreign = {k: (v.kind, v.text) for k, v in outcome.fields.items() if isinstance(v, Foreign)}
    fields = {k: v for k, v in outcome.fields.items() if k not in foreign}
    return [outcome.file, outcome.line, fields, foreign, outcome.other_id, outcome.left_out, outcome.unread]


def _serve(line: Connection) -> None:
    """Read what is asked for until the other side is gone."""
    from genaiops_assets.corpus.read import read_file

    line.send_bytes(b"ready")
    while True:
        asked = json.loads(line.recv_bytes(MESSAGE))
        for limit, value in asked["limits"].items():
            setattr(outcomes, limit, value)
        wanted = None if asked["wanted"] is None else frozenset(asked["wanted"])
        try:
            found = read_file(Path(asked["path"]), asked["name"], asked["kind"], wanted, links=asked["links"])
            for batch, end in _batches(found):
                line.send_bytes(json.dumps({"outcomes": batch, "end": end}).encode())
        except ImportError as error:
            line.send_bytes(json.dumps({"raised": f"{error}: install genaiops-assets[corpus]"}).encode())


def _batches(found: Outcomes) -> Iterator[tuple[list[list[Any]], bool]]:
    batch, size, began = list[list[Any]](), 0, time.monotonic()
    for outcome in found:
        batch.append(_values(outcome))
        size += 100
        if isinstance(outcome, Record):
            size += sum(len(v) for v in outcome.fields.values() if isinstance(v, str))
        if size > BATCH_BYTES or time.monotonic() - began > BATCH_SECONDS:
            yield batch, False
            batch, size, began = [], 0, time.monotonic()
    yield batch, True


def _limit_memory(size: int) -> None:
    """Where the system can, an allocation beyond it fails at once; elsewhere the other side looks from time to time."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    from genaiops_assets.compute import die_with

    die_with(int(sys.argv[3]))
    _limit_memory(int(sys.argv[2]))
    with suppress(EOFError, ConnectionError):
        _serve(Connection(int(sys.argv[1])))
