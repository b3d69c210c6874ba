"""The launcher: a payload's result, each way in which it can end badly, and that it never outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import psutil
import pytest

from genaiops_assets.compute import FRUGAL, OFFLINE
from genaiops_assets.compute import local as launcher
from genaiops_assets.compute.environment import environment
from genaiops_assets.compute.job import BAD_INPUT, PREEMPTED
from genaiops_assets.compute.local import explain
from genaiops_assets.compute.protocol import PayloadFailed
from genaiops_assets.lake import Lake, lease
from tests.compute.selftest_asset import KEY, pid_file, run

SWITCHES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")


def eventually(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_success_returns_the_result_and_leaves_files_in_staging(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result["inputs"] == {"answer": 42}
    assert (result["cpus"], result["seed"]) == (3, 7)
    assert result["echo"] == "{'answer': 42}"


def test_child_has_threads_offline_switches_and_caches_of_the_lake(tmp_path: Path) -> None:
    seen = run(tmp_path)["environment"]
    assert (seen["OMP_NUM_THREADS"], seen["POLARS_MAX_THREADS"]) == ("3", "3")
    assert seen["OMP_WAIT_POLICY"] == "PASSIVE" and seen["GOMP_SPINCOUNT"] == "2000"
    assert {name: seen[name] for name in OFFLINE} == OFFLINE
    assert all(seen[name].endswith(value) for name, value in FRUGAL.items()), (
        seen
    )  # Polars puts its own defaults before ours
    assert seen["HF_HOME"] == str(tmp_path / "cache/hf")


def test_online_lifts_the_hubs_switches_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OFFLINE:
        monkeypatch.delenv(name, raising=False)
    missing = OFFLINE.keys() - environment(2, Lake(tmp_path), online=True).keys()
    assert missing == set(SWITCHES)


def test_progress_arrives_in_dagsters_log(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(tmp_path, instance=instance)
        (record,) = instance.get_runs()
        messages = [entry.user_message for entry in instance.all_logs(record.run_id)]
    assert any(m.startswith("selftest steps 3/3") for m in messages)


def test_bad_input_fails_with_just_its_message_and_is_not_retried(tmp_path: Path) -> None:
    with pytest.raises(PayloadFailed) as failed:
        run(tmp_path, end="refuse", message="no rows: add a source\nor lower the threshold")
    assert failed.value.description == "no rows: add a source\nor lower the threshold"
    assert failed.value.allow_retries is False


def test_crash_shows_what_the_payload_said_last(tmp_path: Path) -> None:
    with pytest.raises(PayloadFailed) as failed:
        run(tmp_path, end="crash", message="the roof is on fire")
    said = failed.value.description or ""
    assert said.startswith("payload selftest failed with exit code 1:\n")
    assert "selftest began" in said and said.endswith("RuntimeError: the roof is on fire")
    assert failed.value.allow_retries is True


def test_a_preempted_payload_goes_on_in_the_same_run_and_counts_as_no_failure(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(tmp_path, instance=instance, end="preempt")["inputs"] == {"answer": 42}
        (record,) = instance.get_runs()
        messages = [entry.user_message for entry in instance.all_logs(record.run_id)]
    assert record.status is dg.DagsterRunStatus.SUCCESS
    assert any("selftest was preempted and goes on where it stopped (1)" in m for m in messages)
    assert sum(m.startswith("selftest steps 3/3") for m in messages) == 2, "both are followed"


def test_kill_is_explained_as_killed_or_out_of_memory(tmp_path: Path) -> None:
    with pytest.raises(PayloadFailed) as failed:
        run(tmp_path, end="kill")
    said = failed.value.description or ""
    assert said.startswith("payload selftest was killed or ran out of memory. Free memory, or make the batch sizes")
    assert said.endswith("selftest began")
    assert failed.value.allow_retries is True


def test_result_of_an_earlier_run_is_never_taken_for_this_one(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(PayloadFailed, match="exit code 1"):
        run(tmp_path, end="crash")


def test_processes_a_payload_leaves_behind_end_with_it(tmp_path: Path) -> None:
    began = time.monotonic()
    run(tmp_path, end="leave a child")
    assert time.monotonic() - began < 60  # the child would hold the output open for ten minutes
    session = int(pid_file(tmp_path).read_text())
    assert eventually(lambda: all(is_gone(pid) for pid in psutil.pids() if session_of(pid) == session), 3)


def session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def test_interrupted_run_takes_its_payload_along(tmp_path: Path) -> None:
    def interrupt() -> None:
        if eventually(pid_file(tmp_path).exists, 60):
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises((KeyboardInterrupt, dg.DagsterExecutionInterruptedError)):
        run(tmp_path, end="sleep")
    assert eventually(lambda: is_gone(int(pid_file(tmp_path).read_text())), 3)


def test_payload_that_ignores_the_request_to_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "GRACE", 0.2)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    launcher.end_session(child)
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL


def test_kill_9_of_the_parent_ends_the_payload_and_frees_its_lease(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.compute.selftest_asset", str(tmp_path), "sleep"]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert eventually(pid_file(tmp_path).exists, 60)
    payload = int(pid_file(tmp_path).read_text())
    assert not is_gone(payload)
    parent.kill()
    parent.wait()
    assert eventually(lambda: is_gone(payload), 3)
    with lease(tmp_path / "staging" / f"{KEY[:32]}.lease", timeout=3):
        pass


@pytest.mark.parametrize(
    ("code", "tail", "said"),
    [
        (BAD_INPUT, ["warning", "payload error: no rows", "add some"], "no rows\nadd some"),
        (BAD_INPUT, ["argparse says no"], "argparse says no"),
        (1, ["MemoryError"], "payload p was killed or ran out of memory"),
        (1, ["DefaultCPUAllocator: can't allocate memory"], "payload p was killed or ran out of memory"),
        (1, ["torch.OutOfMemoryError: CUDA"], "payload p was killed or ran out of memory"),
        (-signal.SIGSEGV, ["x"], "payload p was stopped by SIGSEGV; a rerun goes on where this one stopped.\nx"),
        (PREEMPTED, ["x"], "payload p was preempted 100 times and did not come to its end"),
        (3, ["x", "y"], "payload p failed with exit code 3:\nx\ny"),
    ],
)
def test_each_end_is_explained_in_words(code: int, tail: list[str], said: str) -> None:
    assert explain("p", code, tail, 2).startswith(said)
