"""Fifty kills at random moments (`make soak`); the short version with three is test_three_kills.py."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import genaiops
from tests.faults import DEMO, digests, half_artifacts, kill_during, moments

KILLS, A_HOME = 50, 5


@pytest.mark.soak
@pytest.mark.model
@pytest.mark.timeout(6 * 3600)
def test_fifty_kills(tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    genaiops(clean, *DEMO)
    expected, plan = digests(clean), moments(seed=20261124, count=KILLS)
    for start in range(0, KILLS, A_HOME):
        home = tmp_path / "killed"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        (home / "cache").symlink_to(clean / "cache")
        for payload, victim, delay in plan[start : start + A_HOME]:
            print(kill_during(home, payload, victim, delay))
            assert half_artifacts(home) == []
        genaiops(home, *DEMO)
        assert digests(home) == expected
        assert genaiops(home, "verify").returncode == 0
