"""Payloads as processes that begin at once: a process that has read the libraries forks one for each job.

Belongs here: that process and the talk with it. Does not belong here: jobs, or what is expected of them. A payload
started here is a process of its own, to be killed as any other; only reading torch and trl, ten seconds or more each
time, is done once. `python -m tests.support.prepared_payload NAME` is the process itself."""

from __future__ import annotations

import importlib
import os
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

TRAINERS = (f"trl.trainer.{method}_trainer" for method in ("sft", "dpo", "grpo"))
LIBRARIES = ("torch", "transformers", "peft", "codecarbon", *TRAINERS)


class Prepared:
    """Starts payload `name` for one job after the other. Use it as a context."""

    def __init__(self, name: str, environment: dict[str, str], libraries: tuple[str, ...] = LIBRARIES):
        command = [sys.executable, "-m", "tests.support.prepared_payload", name, *libraries]
        self.server = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.kill()
        self.server.communicate()

    def begin(self, job: Path) -> Payload:
        self.tell(str(job))
        return Payload(self, int(self.line()), job.with_name("said.txt"))

    def tell(self, line: str) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(f"{line}\n")
        self.server.stdin.flush()

    def line(self) -> str:
        assert self.server.stdout is not None
        return self.server.stdout.readline()

    def has_line(self, seconds: float) -> bool:
        return bool(select.select([self.server.stdout], [], [], seconds)[0])


class Payload:
    """One payload at work, as much of `subprocess.Popen` as a test needs. `returncode`: None until it has ended."""

    def __init__(self, server: Prepared, pid: int, output: Path):
        self.server, self.pid, self.output = server, pid, output
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._ended(0)

    def send_signal(self, signal: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal)

    def communicate(self, timeout: float) -> tuple[bytes, None]:
        assert self._ended(timeout) is not None, f"it did not end in {timeout} s: {self.output.read_text()}"
        return self.output.read_bytes(), None

    def _ended(self, seconds: float) -> int | None:
        if self.returncode is None and self.server.has_line(seconds):
            self.returncode = int(self.server.line())
        return self.returncode


def serve(name: str, libraries: list[str]) -> None:
    """Read the path of a job, say the id of the process that carries it out and, at its end, its exit code (minus the
    signal that ended it); and so on until nobody asks any more."""
    for library in (*libraries, f"genaiops_assets.payloads.{name}"):
        importlib.import_module(library)
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if not pid:
            carry_out(name, Path(line.strip()))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def carry_out(name: str, job: Path) -> None:
    """In the forked process, which ends here."""
    from genaiops_assets.compute import run_payload
    from genaiops_assets.compute.job import PARENT

    os.environ[PARENT] = str(os.getppid())
    said = os.open(job.with_name("said.txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    sys.argv = [name, str(job)]
    run_payload(sys.modules[f"genaiops_assets.payloads.{name}"].work)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
