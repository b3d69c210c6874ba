"""The payload's side: read the job, report progress, write the result, die with the parent.

Belongs here: what every payload needs and nothing of what one payload does. Must stay importable without Dagster and
without heavy libraries: `python -m genaiops_assets.payloads.NAME` starts here."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from genaiops_assets.errors import PayloadError, Preempted
from genaiops_assets.lake import OFFLINE as OFFLINE
from genaiops_assets.lake import Lake, is_sealed, seal_of, write_json

SCHEMA_VERSION = 1
BAD_INPUT = 65  # EX_DATAERR of sysexits.h
PREEMPTED = 75  # EX_TEMPFAIL
REPORT_EVERY = 2.0  # seconds
PARENT = "GENAIOPS_PARENT_PID"
LIVE = "live"  # key of the messages that hold figures of a work that goes on

# Memory is bounded: Lance reads at most so many bytes ahead (2 GiB by default), allocators give back what is free
# (Polars' own, and glibc's).
FRUGAL = {
    "LANCE_DEFAULT_IO_BUFFER_SIZE": str(64 * 2**20),
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:200,muzzy_decay_ms:0",
    "MALLOC_ARENA_MAX": "2",
}
# Threads that spin while they wait are some thirty times slower where another program takes a core; threads that sleep
# at once are a tenth slower where none does. These spin some microseconds (GNU OpenMP, PyTorch's on Linux).
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "2000"}


@dataclass(frozen=True)
class Job:
    """What a payload is told. Paths are local to the machine that runs it; `inputs` are JSON values, snapshots as
    dicts."""

    payload: str
    home: str
    url: str
    staging: str
    scratch: str
    cpus: int
    seed: int
    inputs: dict[str, Any]
    config: dict[str, Any]
    schema_version: int = SCHEMA_VERSION
    _clock: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def save(self, path: Path) -> None:
        write_json(path, {k: v for k, v in asdict(self).items() if not k.startswith("_")})

    @staticmethod
    def load(path: Path) -> Job:
        content = json.loads(path.read_text())
        if content.get("schema_version") != SCHEMA_VERSION:
            raise PayloadError(
                f"{path}: job of schema {content.get('schema_version')}, this code reads {SCHEMA_VERSION}"
            )
        return Job(**content)

    @property
    def out(self) -> Path:
        return Path(self.staging)

    @property
    def resume(self) -> Path:
        """Scratch that a killed payload leaves for the next one; never published."""
        return Path(self.scratch)

    @property
    def cache(self) -> Path:
        """What is made or fetched once, for all jobs of a home."""
        return Path(self.home) / "cache"

    def lake(self) -> Lake:
        return Lake(self.home, self.url)

    def keep(self, name: str, value: Any) -> None:
        """Put a JSON value into scratch for a rerun after a kill, sealed and bound to this very job."""
        write_json(self.resume / f"{name}.json", {"value": value, "seal": self._seal(name, value)})

    def kept(self, name: str) -> Any | None:
        """What a killed run of this very job kept, None where it did not, or where it was edited since."""
        try:
            stored = json.loads((self.resume / f"{name}.json").read_text())
            value, seal = stored["value"], stored["seal"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return value if is_sealed(self.lake().store, self._bound(name, value), seal) else None

    def _seal(self, name: str, value: Any) -> str:
        return seal_of(self.lake().store, self._bound(name, value))

    def _bound(self, name: str, value: Any) -> list[Any]:
        return [self.payload, self.inputs, self.config, self.seed, name, value]

    def progress(self, what: str, done: int, total: int) -> None:
        """Say how far the work is, at most every two seconds and at the end."""
        now = time.monotonic()
        began, before = self._clock.setdefault(f"{what}/began", now), self._clock.setdefault(f"{what}/before", done)
        if done < total and now - self._clock.get(what, 0.0) < REPORT_EVERY:
            return
        self._clock[what] = now
        say(f"{what} {done}/{total}{pace(int(done - before), now - began, total - done)}")


def pace(done: int, seconds: float, left: int) -> str:
    """` · 39.8/s` or ` · 27 s each`, and ` · 8:40 left` while there is; empty before anything was done."""
    if done <= 0 or seconds <= 0:
        return ""
    rate = f"{done / seconds:,.1f}/s" if done >= seconds else f"{seconds / done:,.1f} s each"
    return f" · {rate}" + (f" · {clock(seconds / done * left)} left" if left > 0 else "")


def clock(seconds: float) -> str:
    """`0:07`, `8:40`, `2:03:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


_say: Callable[[str], Any] = print


def say(message: str) -> None:
    """One line to Dagster's log (or to standard output without Dagster)."""
    _say(message)


_report: Callable[[Any], Any] = lambda message: None  # noqa: E731


def report(figures: dict[str, Any]) -> None:
    """How the work stands, as metadata of the asset that is being made (`relay.py`); nothing without Dagster."""
    _report({LIVE: figures})


def die_with_parent() -> None:
    """A payload must not outlive its parent: parent-death signal where Linux has it, a watching thread everywhere. The
    parent's id comes from the launcher: it may have died while this process imported its libraries."""
    die_with(int(os.environ.get(PARENT, os.getppid())))


def die_with(parent: int) -> None:
    """End this process when its parent, given by id, has ended or ends."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(128 + signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)


def run_payload(work: Callable[[Job], dict[str, Any]]) -> None:
    """Entry point of a payload module: `if __name__ == "__main__": run_payload(work)`. `work` writes to `job.out` and
    returns a small JSON result."""
    global _say, _report
    die_with_parent()
    job_file = Path(sys.argv[1])
    from dagster_pipes import open_dagster_pipes

    def obey() -> None:
        job = Job.load(job_file)
        write_json(job_file.with_name("result.json"), work(job))

    try:
        if "DAGSTER_PIPES_CONTEXT" in os.environ:
            with open_dagster_pipes() as pipes:
                _say, _report = pipes.log.info, pipes.report_custom_message
                obey()
        else:
            obey()
    except PayloadError as error:
        print(f"payload error: {error}", file=sys.stderr, flush=True)
        sys.stderr.flush()
        os._exit(BAD_INPUT)
    except Preempted as stopped:
        print(f"preempted: {stopped}", file=sys.stderr, flush=True)
        os._exit(PREEMPTED)
