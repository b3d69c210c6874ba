"""Killing: a run of the Chinese example, stopped by `kill -9` at chosen moments, and what must hold afterwards. Holds no tests."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.conftest import PROJECT, genaiops

DEMO = ("demo", "--preset", "smoke", "--use-case", "library_zh")
PAYLOAD = "genaiops_assets.payloads."


def digests(home: Path) -> dict[str, str | None]:
    found = json.loads(genaiops(home, "status", "--json", "--use-case", "library_zh").stdout)
    return {a["key"]: a["digest"] for a in found["assets"]}


def payloads_of(home: Path) -> list[psutil.Process]:
    """Payload processes that work for this home."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if any(PAYLOAD in part for part in line) and any(str(home) in part for part in line):
            found.append(process)
    return found


def start(home: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "GENAIOPS_HOME": str(home)}
    env.pop("DAGSTER_HOME", None)
    command = [sys.executable, "-m", "genaiops_assets.cli", *DEMO]
    return subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def wait_for(condition, seconds: float) -> bool:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def kill_during(home: Path, payload: str, victim: str, delay: float) -> str:
    """Start the demo, wait for a payload, wait `delay` seconds more, kill the `run` or the `payload`. Returns what was killed."""
    run = start(home)
    there = lambda: [p for p in payloads_of(home) if payload in " ".join(p.cmdline())]  # noqa: E731
    try:
        assert wait_for(lambda: there() or run.poll() is not None, 300), f"{payload} never started"
        time.sleep(delay)
        kill(run, victim, there())
        run.wait(120)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait(30)
    assert wait_for(lambda: not payloads_of(home), 5), f"orphans after killing the {victim}: {payloads_of(home)}"
    return f"{victim} {delay:.2f} s into {payload}"


def kill(run: subprocess.Popen[bytes], victim: str, payloads: list[psutil.Process]) -> None:
    """SIGKILL to the run worker or the payload; one that ended by itself meanwhile is no fault."""
    if victim == "run":
        run.kill()
    for process in payloads if victim == "payload" else []:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def half_artifacts(home: Path) -> list[str]:
    """Artifact folders without a manifest: there must never be one."""
    folders = (p for p in (home / "artifacts").glob("*/*/*") if p.is_dir())
    return [str(p) for p in folders if not (p / "manifest.json").exists()]


def moments(seed: int, count: int) -> list[tuple[str, str, float]]:
    """Random (payload, victim, delay) over filtering, embedding, training and evaluating."""
    chance = random.Random(seed)
    stages = ["filter_corpus", "embed_chunks", "make_pairs", "train_model", "evaluate_model"]
    return [(stages[i % len(stages)], chance.choice(["run", "payload"]), chance.uniform(0.0, 8.0)) for i in range(count)]
