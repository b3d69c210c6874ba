"""`kill -9` at every single file operation of publishing: what was there stays whole, and doing it again completes
it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake, problems, write_json
from tests.support.faults import LAST_WRITE, half_artifacts
from tests.support.killed_publisher import arm

ASSET, KEY = "shop/report", "a" * 64


def publish(home: Path) -> str:
    """What an asset does: the memo first, then work in a staging folder, then publishing."""
    lake = Lake(home)
    record = lake.memo.get(KEY)
    if record and lake.artifacts.has(ASSET, record["digest"]):
        artifact = lake.artifacts.get(ASSET, record["digest"])
    else:
        with lake.work(KEY) as place:
            write_json(place.staging / "report.json", {"answer": 42})
            (place.staging / "page.md").write_text("# Report\n")
            artifact = lake.publish(
                ASSET, None, KEY, place.staging, snapshots=[], summary={}, provenance={"asset": ASSET}
            )
    lake.point(ASSET, None, artifact, KEY)
    return artifact.digest


def killed_at(home: Path, nth: int) -> bool:
    """Whether a process that publishes reached its Nth file operation and died there."""
    child = os.fork()
    if child == 0:
        arm(ASSET, nth, str(home))
        try:
            publish(home)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_killed_at_any_file_operation_nothing_is_half_and_a_rerun_completes(tmp_path: Path) -> None:
    whole = publish(tmp_path / "whole")
    with Lake(tmp_path / "before").work("b" * 64) as place:  # a home that has published before
        write_json(place.staging / "report.json", {})
        Lake(tmp_path / "before").publish(
            "shop/other", None, "b" * 64, place.staging, snapshots=[], summary={}, provenance={}
        )
    nth = 1
    while killed_at(home := shutil.copytree(tmp_path / "before", tmp_path / str(nth)), nth):
        assert half_artifacts(home) == [] and problems(Lake(home)) == [], f"after a kill at operation {nth}"
        assert publish(home) == whole
        lake = Lake(home)
        assert lake.heads.digest(ASSET) == whole and lake.artifacts.digests(ASSET) == [whole]
        assert problems(lake) == [] and {p.name for p in (home / "staging").iterdir()} == {
            f"{KEY[:32]}.lease",
            f"{'b' * 32}.lease",
            "tidying.lease",
        }
        nth += 1
    print(f"{nth - 1} operations")
    assert nth - 1 == LAST_WRITE


@pytest.mark.parametrize("nth", [1, 6])
def test_an_old_output_stays_current_when_its_successor_is_killed(tmp_path: Path, nth: int) -> None:
    lake = Lake(tmp_path)
    with lake.work("b" * 64) as place:
        write_json(place.staging / "report.json", {"answer": 41})
        old = lake.publish(
            ASSET, None, "b" * 64, place.staging, snapshots=[], summary={}, provenance={"asset": "before"}
        )
    assert killed_at(tmp_path, nth)
    assert lake.heads.digest(ASSET) == old.digest and problems(lake) == []
