"""A payload without Dagster: for notebooks and scripts, whose work is no run.

Belongs here: starting it and saying how it ended. Does not belong here: publishing what it made, which nothing does
here."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from genaiops_assets.compute.environment import environment
from genaiops_assets.compute.local import explain, follow, job_of
from genaiops_assets.compute.protocol import Launch
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Lake, Workplace


def run_plain(lake: Lake, place: Workplace, launch: Launch, said: Callable[[str], Any]) -> dict[str, Any]:
    """Run a payload as a child process and return its result; `said` is given each line of its progress. Raises
    PayloadError saying why it ended without one."""
    file = place.scratch / "job.json"
    job_of(launch, lake, place).save(file)
    env = environment(launch.cpus, lake, launch.online, launch.inputs)
    code, tail = follow(launch.payload, file, env, place.lease_fd, said)
    result = file.with_name("result.json")
    if code or not result.exists():
        raise PayloadError(explain(launch.payload, code, tail, launch.cpus))
    return json.loads(result.read_text())
