"""Leases: one holder at a time, and gone with its last holder, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genaiops_assets.lake import LeaseTimeout, lease

HOLD = """
import subprocess, sys, time
from pathlib import Path
from genaiops_assets.lake.leases import lease
with lease(Path(sys.argv[1])) as fd:
    if sys.argv[2] == "with a child":
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        child = subprocess.Popen(sleep, pass_fds=(fd,), stdout=subprocess.DEVNULL)
        print(child.pid, flush=True)
    else:
        print("held", flush=True)
    time.sleep(600)
"""


def holder(path: Path, how: str = "alone") -> tuple[subprocess.Popen[str], str]:
    """Another process that holds the lease, and the line it said when it did."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def is_free(path: Path) -> bool:
    try:
        with lease(path, timeout=0):
            return True
    except LeaseTimeout:
        return False


def test_lease_excludes_others_until_its_end(tmp_path: Path) -> None:
    path = tmp_path / "deep/x.lease"
    with lease(path):
        assert not is_free(path)
        assert is_free(tmp_path / "deep/y.lease")
    assert is_free(path)


def test_lease_is_released_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lease(tmp_path / "x"):
        raise RuntimeError
    assert is_free(tmp_path / "x")


def test_who_waits_is_told_once_and_gives_up_with_a_clear_error(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        lease(tmp_path / "x.lease"),
        pytest.raises(LeaseTimeout, match=r"x.lease: another worker has held it for 0 s"),
        lease(tmp_path / "x.lease", timeout=0.3, on_wait=lambda: told.append("waiting")),
    ):
        pass
    assert told == ["waiting"]


def test_lease_of_another_process_excludes_this_one_and_ends_with_kill_9(tmp_path: Path) -> None:
    process, said = holder(tmp_path / "x")
    try:
        assert said == "held"
        assert not is_free(tmp_path / "x")
    finally:
        process.kill()
        process.communicate()
    assert is_free(tmp_path / "x")


def test_child_that_inherited_the_lease_keeps_it_when_its_parent_is_killed(tmp_path: Path) -> None:
    process, child = holder(tmp_path / "x", "with a child")
    process.kill()
    process.communicate()
    try:
        assert not is_free(tmp_path / "x")
    finally:
        os.kill(int(child), signal.SIGKILL)
    with lease(tmp_path / "x", timeout=10):
        pass


def test_waiter_gets_the_lease_when_the_holder_dies(tmp_path: Path) -> None:
    process, _ = holder(tmp_path / "x")
    with lease(tmp_path / "x", timeout=30, on_wait=process.kill):
        assert process.wait(10) == -signal.SIGKILL
    process.communicate()
