"""`genaiops up` owns what it starts: nothing of it lives on, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from genaiops_assets.cli.services import end_leftovers, sessions_file, start
from genaiops_assets.lake import write_json
from tests.support.faults import Up, kill_all, living, wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.mark.enable_socket
@pytest.mark.timeout(300)
def test_killed_alone_it_takes_webserver_and_daemon_along_and_the_next_one_ends_the_rest(tmp_path: Path) -> None:
    first = Up(tmp_path)
    try:
        assert wait_for(lambda: code_servers(tmp_path), 120), "no code server"
        first.process.kill()
        first.process.wait()
        assert wait_for(lambda: not first.daemon(), 10), "the daemon lives on"
        second = Up(tmp_path)
        old = {p.pid for p in living(tmp_path)} - {second.process.pid}
        assert wait_for(lambda: not old & {p.pid for p in living(tmp_path)}, 60), "code servers live on"
        assert second.process.poll() is None, "the second one did not start"
        second.stop()
        assert living(tmp_path) == []
    finally:
        kill_all(living(tmp_path))


@pytest.mark.enable_socket
@pytest.mark.parametrize("seconds", [1.0, 3.0, 5.0])
def test_asked_to_end_while_it_starts_it_ends(tmp_path: Path, seconds: float) -> None:
    up = Up(tmp_path)
    try:
        time.sleep(seconds)
        up.stop()
        assert living(tmp_path) == []
    finally:
        kill_all(living(tmp_path))


def test_started_in_the_background_of_a_script_its_children_can_still_be_interrupted(tmp_path: Path) -> None:
    said = tmp_path / "said"
    child = [sys.executable, "-c", "import signal; print(signal.getsignal(signal.SIGINT).__name__)"]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts `genaiops up &`
    try:
        with open(os.devnull) as lease:
            assert start(child, said, tmp_path, lease.fileno()).wait(60) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert said.read_text().strip() == "default_int_handler"


def test_leftovers_of_another_home_are_left_alone(tmp_path: Path) -> None:
    def sleeper(home: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(SLEEP, env={**os.environ, "GENAIOPS_HOME": home}, start_new_session=True)

    mine, foreign = sleeper(str(tmp_path)), sleeper(str(tmp_path / "other"))
    try:
        write_json(sessions_file(tmp_path), [mine.pid, foreign.pid])
        end_leftovers(tmp_path)
        assert not psutil.pid_exists(mine.pid) and foreign.poll() is None
    finally:
        mine.kill()
        foreign.kill()
        foreign.wait(5)


def code_servers(home: Path) -> list[int]:
    return [p.pid for p in living(home) if "grpc" in p.cmdline()]
