"""Fifty kills at random moments (`make soak`); the short version is tests/e2e/test_kills.py. GENAIOPS_KILLS sets
another number, GENAIOPS_KILLS_FROM leaves so many of them out: a run that was cut off goes on."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.conftest import copy_home, genaiops
from tests.e2e.test_kills import BY_AUTOMATION, assert_same
from tests.support.faults import DEMO, kill_in_demo, kill_in_living, live_until, moments, notice, settled

KILLS = int(os.environ.get("GENAIOPS_KILLS", "50"))
FROM = int(os.environ.get("GENAIOPS_KILLS_FROM", "0"))


@pytest.mark.soak
@pytest.mark.model
@pytest.mark.enable_socket
@pytest.mark.timeout(8 * 3600)
def test_many_kills(tmp_path: Path) -> None:
    clean, home, landed = tmp_path / "clean", tmp_path / "killed", 0
    genaiops(clean, *DEMO)
    fresh = copy_home(clean, tmp_path / "fresh")
    genaiops(fresh, "ingest", str(notice(tmp_path)), "--use-case", "library_zh", "--now")
    for kills in moments(seed=20261124, homes=-(-KILLS // 5))[FROM // 5 :]:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        (home / "cache").symlink_to(clean / "cache")
        for kill in kills[:-1]:
            hit = kill_in_demo(home, kill)
            landed += hit
            print(f"{time.strftime('%H:%M:%S')} {kill}{'' if hit else ': came too late'}", flush=True)
        genaiops(home, *DEMO)
        assert_same(home, clean)
        genaiops(home, "ingest", str(notice(tmp_path)), "--use-case", "library_zh")
        kill_in_living(home, kills[-1])
        landed += 1
        print(f"{time.strftime('%H:%M:%S')} {kills[-1]}", flush=True)
        assert live_until(home, settled, 300), f"the refresh did not complete after {kills[-1]}"
        assert_same(home, fresh, but=BY_AUTOMATION)
    print(f"{landed} kills landed")
