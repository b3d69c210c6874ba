"""Runs whose process is gone, wherever it ran and whoever has its number now."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psutil
import pytest
from dagster._core.test_utils import create_run_for_test

from genaiops_assets.orchestration.orphans import HOST, LEASE, PID, close_orphans, own_run
from genaiops_assets.orchestration.run_states import UNDER_WAY, UNFINISHED

HOLDER = (
    "import sys, time; from pathlib import Path; from genaiops_assets.orchestration.orphans import own_run\n"
    "with own_run(Path(sys.argv[1])) as tags: print(tags['genaiops/cli_lease'], flush=True); time.sleep(60)"
)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def under_way(instance: dg.DagsterInstance, tags: dict[str, str], parent: str | None = None) -> str:
    run = create_run_for_test(
        instance, "job", status=dg.DagsterRunStatus.STARTED, tags=tags, parent_run_id=parent, root_run_id=parent
    )
    return run.run_id


def test_a_run_that_is_carried_out_is_left_alone(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with own_run(tmp_path) as tags:
        under_way(instance, tags)
        assert close_orphans(instance, tmp_path) == []


def test_a_run_whose_command_ended_is_failed(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with own_run(tmp_path) as tags:
        run = under_way(instance, tags)
    assert close_orphans(instance, tmp_path) == [run]
    ended = instance.get_run_by_id(run)
    assert ended and ended.status == dg.DagsterRunStatus.FAILURE


def test_a_run_whose_command_was_killed_is_failed(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        lease = child.stdout.readline().strip()
        run = under_way(instance, {PID: str(child.pid), HOST: socket.gethostname(), LEASE: lease})
        assert close_orphans(instance, tmp_path) == []
        child.kill()
        child.wait()
        assert close_orphans(instance, tmp_path) == [run]
        assert list((tmp_path / "staging" / "runs").iterdir()) == []
    finally:
        child.kill()
        child.wait()


def test_a_run_in_another_container_that_still_holds_its_lease_is_left_alone(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with own_run(tmp_path) as tags:
        under_way(instance, {**tags, HOST: "another-container", PID: "1"})
        assert close_orphans(instance, tmp_path) == []


@pytest.mark.parametrize("lease", [None, "../../../etc/passwd", "0123456789abcdef"])
def test_a_run_of_another_host_without_a_lease_that_is_held_is_failed(
    instance: dg.DagsterInstance, tmp_path: Path, lease: str | None
) -> None:
    tags = {PID: str(os.getpid()), HOST: "a-container-that-is-gone", **({LEASE: lease} if lease else {})}
    run = under_way(instance, tags)
    assert close_orphans(instance, tmp_path) == [run]


def test_a_number_that_a_later_process_has_now_proves_nothing(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """A run of a version without leases: the process with its number began an hour after the run."""
    run = under_way(instance, {PID: str(os.getpid()), HOST: socket.gethostname()})
    record = instance.get_run_records(dg.RunsFilter(run_ids=[run]))[0]
    began = psutil.Process().create_time()
    assert record.create_timestamp.timestamp() > began
    assert close_orphans(instance, tmp_path) == [], "this very process did run it"
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        instance.add_run_tags(run, {PID: str(child.pid)})
        older = psutil.Process(child.pid).create_time() - 3600
        from genaiops_assets.orchestration.orphans import was_alive_at

        assert not was_alive_at(child.pid, older)
        assert was_alive_at(child.pid, older + 7200)
    finally:
        child.kill()
        child.wait()


def test_a_run_repeated_from_the_page_is_no_run_of_the_command_line(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Dagster copies all tags to the new run."""
    with own_run(tmp_path) as tags:
        first = create_run_for_test(instance, "job", status=dg.DagsterRunStatus.FAILURE, tags=tags)
    again = under_way(instance, tags, parent=first.run_id)
    assert close_orphans(instance, tmp_path) == []
    assert close_orphans(instance, tmp_path, daemon_is_off=True) == [again]


def test_runs_of_a_daemon_are_failed_only_while_it_is_off(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run = under_way(instance, {})
    assert close_orphans(instance, tmp_path) == []
    assert close_orphans(instance, tmp_path, daemon_is_off=True) == [run]


def test_under_way_and_unfinished_are_all_states_but_the_ended_ones() -> None:
    ended = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}
    managed = {s for s in dg.DagsterRunStatus if s.value in ("MANAGED", "SUSPENDED")}  # of its hosted product
    assert set(UNFINISHED) == set(dg.DagsterRunStatus) - ended - managed
    assert set(UNDER_WAY) < set(UNFINISHED)
