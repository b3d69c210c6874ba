"""Killing: `kill -9` of a run worker, a payload, the daemon or all of `genaiops up`, and what must hold afterwards.
Holds no tests."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil

import genaiops_assets
from genaiops_assets.cli.services import DAEMON, workspace_arguments
from genaiops_assets.corpus import inbox_fingerprint, indexed_inbox
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.run_states import UNFINISHED
from genaiops_assets.use_case.load import load_use_case
from tests.conftest import PROJECT, genaiops

DEMO = ("demo", "--preset", "smoke", "--use-case", "library_zh")
LIBRARY = Path(genaiops_assets.__file__).parent / "examples/library_zh"
PAYLOAD = "genaiops_assets.payloads."
STAGES = ("filter_corpus", "embed_chunks", "make_pairs", "train_model", "evaluate_model")
PUBLISHED = ("filtered_corpus", "embeddings_index", "preference_pairs", "aligned_checkpoint", "eval_report")
REFRESHED = ("ingest_documents", "filter_corpus", "embed_chunks")
NOTICE = (
    "# 临时通知\n\n青屿市图书馆三楼自习室三月三日至三月九日因检修暂停开放，三月十日恢复，读者可到二楼阅览室自习。\n"
)
# what no second life can make to the byte: seconds, joules and moments of a training, a home's own keys and signatures
# by them, and the matrix, which names the evidence without reading it
HOLD_TIMES = (
    *("training_run_record", "checkpoint_signature", "bundle_signature", "machine_forms"),
    *("content_marking_config", "coverage_matrix"),
)
# file operations of a publication without a table, in a home that has one already; see
# tests/lake/test_killed_publishing.py
LAST_WRITE = 28


@dataclass(frozen=True)
class Kill:
    """One moment. `victim`: `run` or `payload`, `moment` seconds into payload `where`; `publisher`, the run worker at
    the `moment`th file operation of publishing asset `where`; `daemon` or `up` (everything), `moment` seconds into
    payload `where`."""

    victim: str
    where: str
    moment: float

    def __str__(self) -> str:
        unit = "file operations into publishing" if self.victim == "publisher" else "s into"
        return f"{self.victim} {self.moment:.2f} {unit} {self.where}"


def moments(seed: int, homes: int) -> list[list[Kill]]:
    """For each home five random moments, in the order of the life: three in payloads, one in publishing, the last in a
    refresh by the daemon. Over five homes each stage has its turn in each kind."""
    chance, found = random.Random(seed), []
    for home in range(homes):
        stages = [(home + turn) % len(STAGES) for turn in range(4)]
        kills = [(s, Kill(chance.choice(["run", "payload"]), STAGES[s], chance.uniform(0.0, 8.0))) for s in stages[:3]]
        kills.append((stages[3], Kill("publisher", PUBLISHED[stages[3]], chance.randint(1, LAST_WRITE))))
        last = Kill(chance.choice(["daemon", "up"]), chance.choice(REFRESHED), chance.uniform(0.0, 4.0))
        found.append([*(k for _, k in sorted(kills, key=lambda k: k[0])), last])
    return found


def digests(home: Path) -> dict[str, str | None]:
    found = json.loads(genaiops(home, "status", "--json", "--use-case", "library_zh").stdout)
    return {a["key"]: a["digest"] for a in found["assets"]}


def of_one_life(home: Path) -> set[str]:
    """asset/digest of what holds times, energy or the home's own keys, and of all that was made from it: no other life
    makes the same."""
    made = [json.loads(file.read_text("utf-8")) for file in home.glob("artifacts/*/*/*/provenance.json")]
    names = [
        file.parent.relative_to(home / "artifacts").as_posix() for file in home.glob("artifacts/*/*/*/provenance.json")
    ]
    found: set[str] = {name for name in names if name.split("/")[1] in HOLD_TIMES}
    while True:
        digests = {name.rsplit("/", 1)[-1] for name in found}
        more = {n for n, one in zip(names, made, strict=True) if digests.intersection(one["inputs"].values())}
        if more <= found:
            return found
        found |= more


def half_artifacts(home: Path) -> list[str]:
    """Artifact folders without a manifest: there must never be one."""
    folders = (p for p in (home / "artifacts").glob("*/*/*") if p.is_dir())
    return [str(p) for p in folders if not (p / "manifest.json").exists()]


def notice(folder: Path) -> Path:
    """A new document."""
    file = folder / "notice.md"
    file.write_text(NOTICE, "utf-8")
    return file


def published(home: Path) -> set[str]:
    """asset/digest of everything that was ever published."""
    return {p.parent.relative_to(home / "artifacts").as_posix() for p in home.glob("artifacts/*/*/*/manifest.json")}


def idle(home: Path) -> bool:
    """No run is queued or under way."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return not instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), limit=1)


def settled(home: Path) -> bool:
    """The index holds the inbox as it is now."""
    lake, uc = Lake(home), load_use_case(LIBRARY, "smoke")
    indexed = indexed_inbox(lake, uc)
    return indexed is not None and indexed["digest"] == inbox_fingerprint(lake, uc).digest and idle(home)


def decided(home: Path) -> bool:
    """A model version has its release decision."""
    return bool(Lake(home).heads.partitions("library_zh/release_decision")) and idle(home)


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def environment(home: Path) -> dict[str, str]:
    env = {**os.environ, "GENAIOPS_HOME": str(home)}
    env.pop("DAGSTER_HOME", None)
    return env


def living(home: Path) -> list[psutil.Process]:
    """Every process that works for this home: commands, webserver, daemon, code servers, run workers and payloads."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("GENAIOPS_HOME") == str(home):
                found.append(process)
    return found


def payloads_of(home: Path, name: str = "") -> list[psutil.Process]:
    """Payload processes that work for this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            if PAYLOAD + name in line and str(home) in line:
                found.append(process)
    return found


def kill_all(processes: list[psutil.Process]) -> None:
    """SIGKILL; one that ended by itself meanwhile is no fault."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def kill_in_demo(home: Path, kill: Kill) -> bool:
    """Start the demo and kill its run worker or its payload at the moment. Nothing may be left running, and no half
    artifact. Returns whether the kill came before the demo was done."""
    module = ["-m", "genaiops_assets.cli"]
    if kill.victim == "publisher":
        module = ["-m", "tests.support.killed_publisher", kill.where, str(int(kill.moment))]
    run = subprocess.Popen(
        [sys.executable, *module, *DEMO],
        env=environment(home),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if kill.victim != "publisher":
            assert wait_for(lambda: payloads_of(home, kill.where) or run.poll() is not None, 300), (
                f"{kill.where} never started"
            )
            if kill.victim == "run":
                time.sleep(kill.moment)
                run.kill()
            elif wait_for(lambda: not payloads_of(home, kill.where), kill.moment):
                # the payload was done before its moment: the run worker then, which goes on with what it made
                run.kill()
            else:
                kill_all(payloads_of(home, kill.where))
        run.wait(300)
    finally:
        run.kill()
        run.wait(30)
    assert wait_for(lambda: not living(home), 5), f"left running after {kill}: {living(home)}"
    assert half_artifacts(home) == [], kill
    return run.returncode != 0


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Up:
    """`genaiops up` on a home, until stopped or killed."""

    def __init__(self, home: Path):
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "genaiops_assets.cli", "up", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=environment(home), cwd=PROJECT)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(90)

    def daemon(self) -> list[psutil.Process]:
        return [p for p in living(self.home) if DAEMON in p.cmdline()]

    def kill(self, victim: str) -> None:
        """SIGKILL to the daemon alone, or to all there is but the payload, which has to notice by itself."""
        if victim == "daemon":
            kill_all(self.daemon())
        else:
            spared = {p.pid for p in payloads_of(self.home)}
            kill_all([p for p in living(self.home) if p.pid not in spared])
        self.process.wait(120)
        assert wait_for(lambda: not living(self.home), 10), f"left running after killing {victim}: {living(self.home)}"


def another_daemon(home: Path) -> subprocess.Popen[bytes]:
    """A second daemon on the same home, past the lease that `genaiops up` takes: somebody started Dagster's own
    command."""
    command = [sys.executable, "-m", "dagster._daemon", "run", *workspace_arguments()]
    env = {**environment(home), "DAGSTER_HOME": str(home / "dagster")}
    return subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_in_living(home: Path, kill: Kill) -> None:
    """With `up` running and work to do: kill the daemon or everything at the moment. Nothing may be left running."""
    up = Up(home)
    try:
        assert wait_for(lambda: payloads_of(home, kill.where), 900), f"{kill.where} never started"
        time.sleep(kill.moment)
        up.kill(kill.victim)
    finally:
        kill_all(living(home))
    assert half_artifacts(home) == [], kill


def live_until(home: Path, reached: Callable[[Path], bool], seconds: float) -> bool:
    """Whether `up` gets there in time; nothing of it may be left running after it is stopped."""
    up = Up(home)
    try:
        return wait_for(lambda: reached(home), seconds)
    finally:
        up.stop()
        assert living(home) == []
