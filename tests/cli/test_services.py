"""`genaiops up` owns what it starts: nothing of it lives on, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from genaiops_assets.cli.code_server import SERVER
from genaiops_assets.cli.services import end_leftovers, sessions_file, start
from genaiops_assets.lake import write_json
from genaiops_assets.use_case import register, write_starter
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


@pytest.mark.enable_socket
@pytest.mark.timeout(300)
def test_one_code_server_serves_all_is_revived_and_picks_up_a_changed_use_case(tmp_path: Path) -> None:
    """The page is asked as a browser would ask, so that what a person sees is what is tested."""
    case = tmp_path / "bikes"
    write_starter(case)
    home = tmp_path / "home"
    register(home, str(case))
    up = Up(home)
    try:
        assert wait_for(lambda: "my_use_case__refresh" in jobs_of(up), 120), "the definitions never came"
        first = code_servers(home)
        assert len(first) == 1
        assert not [p for p in living(home) if "grpc" in p.cmdline()], "somebody has a code server of their own"

        kill_all([psutil.Process(first[0])])
        assert wait_for(lambda: code_servers(home) not in ([], first), 60), "it was not started again"
        assert wait_for(lambda: "my_use_case__refresh" in jobs_of(up), 60), "the page does not find the new one"

        file = case / "use_case.yaml"
        file.write_text(re.sub(r"(?m)^name: .*$", "name: renamed", file.read_text("utf-8")), "utf-8")
        assert wait_for(lambda: "renamed__refresh" in jobs_of(up), 60), "the changed name was not picked up"
        assert "my_use_case__refresh" not in jobs_of(up)
        assert up.process.poll() is None
    finally:
        up.stop()
        assert living(home) == []


def jobs_of(up: Up) -> set[str]:
    """Names of the jobs that the page offers."""
    query = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { ... on RepositoryLocation "
    query += "{ repositories { jobs { name } } } } } } } }"
    body = json.dumps({"query": query}).encode()
    request = Request(f"{up.address}/graphql", body, {"Content-Type": "application/json", "Origin": up.address})
    with contextlib.suppress(OSError), urlopen(request, timeout=30) as answer:
        entries = json.load(answer)["data"]["workspaceOrError"]["locationEntries"]
        found = [entry["locationOrLoadError"] for entry in entries]
        return {job["name"] for place in found for r in place.get("repositories", ()) for job in r["jobs"]}
    return set()


def code_servers(home: Path) -> list[int]:
    return [p.pid for p in living(home) if SERVER in p.cmdline()]
