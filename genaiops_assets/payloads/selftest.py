"""Payload: says what it was told and ends as it was told; `genaiops doctor` and the launcher's tests run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

from genaiops_assets.compute import FRUGAL, OFFLINE, Job, report, run_payload
from genaiops_assets.errors import PayloadError, Preempted
from genaiops_assets.lake import write_json

STEPS = 3
SHOWN = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "POLARS_MAX_THREADS", "HF_HOME", *FRUGAL, *OFFLINE)


def end(how: str, message: str) -> None:
    """`finish`, or one of the ways in which a payload goes wrong."""
    if how == "refuse":
        raise PayloadError(message)
    if how == "crash":
        raise RuntimeError(message)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "sleep":
        time.sleep(600)
    if how == "leave a child":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])  # holds the payload's output open


def work(job: Job) -> dict[str, Any]:
    write_json(job.resume / "pid", os.getpid())
    (job.out / "echo.txt").write_text(str(job.inputs))
    print("selftest began")
    for done in range(1, STEPS + 1):
        job.progress("selftest steps", done, STEPS)
        report({"step": done, "steps": STEPS})
        time.sleep(job.config.get("pause", 0))
    if job.config.get("end") == "preempt" and job.kept("staged") is None:
        job.keep("staged", STEPS)
        raise Preempted("asked to stop; staged")
    end(job.config.get("end", "finish"), job.config.get("message", ""))
    environment = {name: os.environ.get(name) for name in SHOWN}
    return {"inputs": job.inputs, "cpus": job.cpus, "seed": job.seed, "environment": environment}


if __name__ == "__main__":
    run_payload(work)
