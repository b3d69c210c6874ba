"""The parent's side: start a payload, follow it, say clearly how it ended.

Belongs here: the local launcher: a child process. Does not belong here: publishing what the payload made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.compute.environment import environment
from genaiops_assets.compute.job import BAD_INPUT, PARENT, PREEMPTED, Job
from genaiops_assets.compute.protocol import Launch, PayloadFailed
from genaiops_assets.compute.relay import relaying
from genaiops_assets.lake import Lake, Workplace

TAIL = 30
GRACE = 10.0  # seconds
RESTARTS = 100  # of one payload that is preempted again and again
PAUSE = 30.0  # seconds at most before such a restart; the first comes at once


class LocalLauncher:
    """A payload as a child process of its own session, on this machine."""

    def run(self, context: Any, lake: Lake, place: Workplace, launch: Launch) -> dict[str, Any]:
        job = job_of(launch, lake, place)
        job_file = place.scratch / "job.json"
        result = job_file.with_name("result.json")
        result.unlink(missing_ok=True)
        job.save(job_file)
        for again in range(RESTARTS):
            time.sleep(min(max(again - 1, 0), PAUSE))
            code, tail = self.once(context, lake, place, launch, job_file)
            if code != PREEMPTED:
                break
            context.log.info(
                f"{launch.payload} was preempted and goes on where it stopped ({again + 1}): {' '.join(tail[-1:])}"
            )
        if code != 0 or not result.exists():
            raise PayloadFailed(explain(launch.payload, code, tail, launch.cpus), permanent=code == BAD_INPUT)
        return json.loads(result.read_text())

    def once(self, context: Any, lake: Lake, place: Workplace, launch: Launch, job_file: Path) -> tuple[int, list[str]]:
        """Exit code and last lines of one child."""
        with dg.open_pipes_session(
            context=context.op_execution_context if isinstance(context, dg.AssetCheckExecutionContext) else context,
            context_injector=dg.PipesEnvContextInjector(),
            message_reader=dg.PipesTempFileMessageReader(),
        ) as session:
            env = {**environment(launch.cpus, lake, launch.online, launch.inputs), **session.get_bootstrap_env_vars()}
            with relaying(context, session):
                return follow(launch.payload, job_file, env, place.lease_fd)


def job_of(launch: Launch, lake: Lake, place: Workplace) -> Job:
    """A launch as the payload reads it, in the folders of a workplace."""
    return Job(
        launch.payload,
        str(lake.home),
        lake.url,
        str(place.staging),
        str(place.scratch),
        launch.cpus,
        launch.seed,
        launch.inputs,
        launch.config,
    )


def follow(
    payload: str, job_file: Path, env: dict[str, str], lease_fd: int, said: Callable[[str], Any] = lambda line: None
) -> tuple[int, list[str]]:
    """Run the child to its end; its last lines are kept for the error message, `said` is given each. The lease goes
    with it: while the child lives nobody else starts the same work."""
    child = subprocess.Popen(
        [sys.executable, "-m", f"genaiops_assets.payloads.{payload}", str(job_file)],
        env={**env, PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
        pass_fds=(lease_fd,),
        start_new_session=True,
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    tail: deque[str] = deque(maxlen=TAIL)

    def read() -> None:
        for line in child.stdout or ():
            tail.append(line.rstrip())
            said(tail[-1])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        code = child.wait()
    finally:
        end_session(child)
    reader.join(GRACE)
    return code, list(tail)


def end_session(child: subprocess.Popen[str]) -> None:
    """Nothing of a payload outlives it: neither the payload when the run was cancelled, nor processes it started and
    left."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
    with suppress(ProcessLookupError, PermissionError):  # the session is empty
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def explain(payload: str, code: int, tail: list[str], cpus: int) -> str:
    """Why a payload ended, in words."""
    said = "\n".join(tail)
    if code == BAD_INPUT:
        return f"\n{said}".rpartition("\npayload error: ")[2].strip()
    if code == -signal.SIGKILL or "DefaultCPUAllocator: can't allocate memory" in said or "MemoryError" in said:
        return (
            f"payload {payload} was killed or ran out of memory. Free memory, or make the batch sizes in "
            "use_case.yaml smaller; "
            f"a rerun goes on where this one stopped.\n{said}"
        )
    if code == PREEMPTED:
        return (
            f"payload {payload} was preempted {RESTARTS} times and did not come to its end; a rerun goes on where it "
            f"stopped, once nothing ends it any more.\n{said}"
        )
    if code < 0:
        name = signal.Signals(-code).name
        return f"payload {payload} was stopped by {name}; a rerun goes on where this one stopped.\n{said}"
    return f"payload {payload} failed with exit code {code}:\n{said}"
