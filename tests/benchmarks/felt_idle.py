"""What `genaiops up` costs while nothing happens: processor time in percent of one core, processes, memory.

Belongs here: starting it on a home, waiting until it is idle, counting. Does not belong here: what else people feel
(`felt.py`). Run by hand: `python -m tests.benchmarks.felt_idle HOME [PROJECT]`; HOME is changed: give a copy."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil

from genaiops_assets.orchestration.home import PROJECT
from genaiops_assets.orchestration.run_states import UNFINISHED

BAR = 5.0  # percent of one core


@dataclass(frozen=True)
class Idle:
    """`percent` of one core over `seconds`; `megabytes` resident, shared pages counted in each of `processes`."""

    percent: float
    seconds: float
    processes: int
    megabytes: float


def measure(project_dir: Path, home: Path) -> float:
    """Percent of one core that `genaiops up` of the project in `project_dir` takes on `home` while it is idle."""
    return look(project_dir, home).percent


def look(project_dir: Path, home: Path, seconds: float = 180, settle: float = 75) -> Idle:
    """Start, wait until no run was under way for `settle` seconds, count for `seconds`, stop. Raises RuntimeError when
    it does not start or does not come to rest within ten minutes."""
    port = free_port()
    env = {**os.environ, "GENAIOPS_HOME": str(home), "PYTHONPATH": str(project_dir)}
    env.pop("DAGSTER_HOME", None)
    command = [sys.executable, "-m", "genaiops_assets.cli", "up", "--port", str(port)]
    process = subprocess.Popen(command, env=env, cwd=project_dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_idle(process, port, home, settle)
        return count(home, seconds)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def wait_until_idle(process: subprocess.Popen[bytes], port: int, home: Path, settle: float) -> None:
    deadline, rest_since = time.monotonic() + 600, None
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"genaiops up ended with {process.returncode}")
        if not answers(port) or busy(home):
            rest_since = None
        elif rest_since is None:
            rest_since = time.monotonic()
        elif time.monotonic() - rest_since >= settle:
            return
        time.sleep(2)
    raise RuntimeError("genaiops up did not come to rest within ten minutes")


def busy(home: Path) -> bool:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return bool(instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), limit=1))


def count(home: Path, seconds: float) -> Idle:
    """Sampled each half second, so that processes that come and go count too."""
    first: dict[tuple[int, float], float] = {}
    last: dict[tuple[int, float], float] = {}
    before, sizes = working_for(home), [0.0]
    first.update({key: used for key, (used, _) in before.items()})
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(0.5)
        now = working_for(home)
        last.update({key: used for key, (used, _) in now.items()})
        sizes.append(sum(size for _, size in now.values()))
    took = time.monotonic() - began
    used = sum(value - first.get(key, 0.0) for key, value in last.items())
    return Idle(100 * used / took, took, len(now), max(sizes) / 2**20)


def working_for(home: Path) -> dict[tuple[int, float], tuple[float, float]]:
    """Processor seconds and resident bytes of each process of the home, by process and its start."""
    found = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("GENAIOPS_HOME") == str(home):
                times, size = process.cpu_times(), process.memory_info().rss
                found[process.pid, process.create_time()] = (times.user + times.system, float(size))
    return found


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    home, project = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else PROJECT
    idle = look(project.absolute(), home.absolute())
    print(
        f"{idle.percent:.1f} % of one core over {idle.seconds:.0f} s (bar {BAR:g} %); {idle.processes} processes, "
        f"{idle.megabytes:.0f} MB"
    )
    return 0 if idle.percent <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
