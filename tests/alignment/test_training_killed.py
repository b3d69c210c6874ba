"""The training payload as a process: killed at any moment, or asked to stop, it ends with the bytes of an undisturbed
one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import PAIRS as SCHEMA
from genaiops_assets.alignment import pair_row
from genaiops_assets.compute import Job
from genaiops_assets.compute.job import PREEMPTED
from genaiops_assets.lake import Lake, digest_of_folder, write_rows
from genaiops_assets.use_case import Origin
from tests.support.prepared_payload import Payload, Prepared
from tests.support.tiny_model import tiny_model
from tests.support.trainings import PAIRS, SECTION

STEPS = 10
ALONE = {"OMP_NUM_THREADS": "1", "GENAIOPS_STAGE_EVERY": "0"}  # every step is staged
SETTINGS = {"grpo": {"max_completion_length": 8, "num_generations": 2}}  # of a method, where it has any
MANY = 300  # more than ten kills get through


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def job_of(lake: Lake, base: Path, name: str, method: str, steps: int = STEPS) -> Path:
    """The job's file. Each name has folders of its own; what the job says is the same."""
    folder = lake.home / name
    for part in ("staging", "scratch"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rows = [
        pair_row(Origin.HUMAN, "", p["question"], p["passages"], (p["chosen"], 1.0), (p["rejected"], 0.0), "Ann")
        for p in PAIRS
    ]
    write_rows(folder / "pairs.parquet", SCHEMA, sorted(rows, key=lambda row: row["id"]))
    pairs = lake.tables.sync("bank__preference_pairs", folder / "pairs.parquet").snapshot
    config: dict[str, Any] = {**SECTION, "method": method, "steps": steps, "dtype": "float32", "load_in_4bit": False}
    inputs = {"base": {"path": str(base), "digest": digest_of_folder(base)}, "pairs": pairs.to_dict(), "start": None}
    config |= {"language": "en", "prompts": "1", "settings": SETTINGS.get(method, {})}
    places = (str(lake.home), lake.url, str(folder / "staging"), str(folder / "scratch"))
    job = Job("train_model", *places, 1, 7, inputs, config)
    job.save(folder / "job.json")
    return folder / "job.json"


Begin = Callable[[Path], "Payload | subprocess.Popen[bytes]"]
Undisturbed = Callable[[str], tuple[str, dict[str, Any]]]


def begin_anew(job: Path) -> subprocess.Popen[bytes]:
    """As the launcher does it: a fresh interpreter."""
    environment = {**os.environ, **ALONE, "GENAIOPS_PARENT_PID": str(os.getpid())}
    command = [sys.executable, "-m", "genaiops_assets.payloads.train_model", str(job)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.fixture(scope="module")
def begin() -> Iterator[Begin]:
    """A process for each training, forked from one that has its libraries."""
    with Prepared("train_model", ALONE) as prepared:
        yield prepared.begin


@pytest.fixture(scope="module")
def undisturbed(begin: Begin, lake: Lake, base: Path) -> Undisturbed:
    """What a training by a method that nobody stops ends with; each is carried out once."""
    return cache(lambda method: finished(begin, job_of(lake, base, f"{method} whole", method)))


def finished(begin: Begin, job: Path) -> tuple[str, dict[str, Any]]:
    """Digest of the adapter, and the log, of a training that runs to its end."""
    child = begin(job)
    said = child.communicate(timeout=300)[0].decode()
    assert child.returncode == 0, said
    folder = job.with_name("staging")
    return digest_of_folder(folder / "adapter"), json.loads((folder / "training_log.json").read_text())


def staged(job: Path) -> int:
    """How many steps lie in scratch."""
    folder = job.with_name("scratch") / "trainer"
    return max((int(f.name.split("-")[1].split(".")[0]) for f in folder.glob("checkpoint-*.seal.json")), default=0)


def remembered(lake: Lake) -> int:
    """Of how many pairs the reference's log-probabilities are kept."""
    files = list((lake.cache / "reference_logprobs").glob("*.json"))
    return sum(len(json.loads(file.read_text())["values"]) for file in files)


def stop(begin: Begin, job: Path, when: Callable[[], bool], how: signal.Signals, delay: float = 0.0) -> int | None:
    """Stop a training once something is so, and `delay` seconds after; its exit code."""
    child = begin(job)
    deadline = time.monotonic() + 300
    while not when() and child.poll() is None:
        assert time.monotonic() < deadline, "it did not come to it in five minutes"
        time.sleep(0.01)
    time.sleep(delay)
    child.send_signal(how)
    child.communicate(timeout=300)
    return child.returncode


@pytest.mark.parametrize("method", ["sft", "dpo", "grpo"])
def test_two_kills_and_a_request_to_stop_change_no_byte(
    begin: Begin, undisturbed: Undisturbed, lake: Lake, base: Path, method: str
) -> None:
    whole, log = undisturbed(method)
    job = job_of(lake, base, f"{method} stopped", method)
    assert stop(begin, job, lambda: staged(job) >= 2, signal.SIGKILL) == -signal.SIGKILL
    assert stop(begin, job, lambda: staged(job) >= 5, signal.SIGTERM) == PREEMPTED
    before = staged(job)
    assert 5 < before < STEPS, "the step it was in is staged"
    assert stop(begin, job, lambda: staged(job) > before, signal.SIGKILL) == -signal.SIGKILL
    again, log_again = finished(begin, job)
    assert again == whole
    assert log_again["history"] == log["history"]


def test_killed_while_it_asks_the_reference_it_changes_no_byte(
    begin: Begin, undisturbed: Undisturbed, base: Path, tmp_path: Path
) -> None:
    whole, _ = undisturbed("dpo")
    other = Lake(str(tmp_path / "home"))
    job = job_of(other, base, "cold stopped", "dpo")
    for pairs, how, ends in ((1, signal.SIGKILL, -signal.SIGKILL), (3, signal.SIGTERM, PREEMPTED)):
        assert stop(begin, job, lambda least=pairs: remembered(other) >= least, how) == ends
    assert finished(begin, job)[0] == whole
    assert remembered(other) == len(PAIRS)


@pytest.mark.soak
@pytest.mark.parametrize("method", ["sft", "dpo", "grpo"])
def test_ten_kills_at_random_moments_change_no_byte(base: Path, tmp_path: Path, method: str) -> None:
    """While it starts, asks the reference, takes a step or stages one."""
    moments = random.Random(11)
    whole, _ = finished(begin_anew, job_of(Lake(str(tmp_path / "undisturbed")), base, "whole", method, MANY))
    job = job_of(Lake(str(tmp_path / "killed")), base, "often", method, MANY)
    for _ in range(10):
        least = staged(job) + moments.randrange(6) - 1
        assert (
            stop(begin_anew, job, lambda least=least: staged(job) > least, signal.SIGKILL, moments.uniform(0, 1))
            == -signal.SIGKILL
        )
    assert staged(job) < MANY, "each kill met a training at work"
    assert finished(begin_anew, job)[0] == whole
