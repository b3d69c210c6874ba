"""A home that cannot be written: looking works and says so, deciding and running are refused in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake
from tests.conftest import PROJECT
from tests.support.lakes import V1, bank_support, candidate, publish

POWERLESS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"]


def without_power(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command by a person whom file permissions stop, whoever runs the tests."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to be less than root")
    prefix = POWERLESS if os.geteuid() == 0 else []
    command = [*prefix, sys.executable, "-m", "genaiops_assets.cli", *arguments]
    env = {**os.environ, "GENAIOPS_HOME": str(home), "COLUMNS": "400"}
    env.pop("DAGSTER_HOME", None)
    return subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True)


@pytest.fixture
def read_only(tmp_path: Path):
    home = tmp_path / "home"
    candidate(lake := Lake(home), uc := bank_support(), V1)
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1}})
    folders = [home, *(p for p in home.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield home
    for folder in folders:
        folder.chmod(0o755)


def test_status_of_a_read_only_home_shows_it_and_says_so(read_only: Path) -> None:
    done = without_power(read_only, "status")
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert f"{V1} waits for the decision" in said and f"! the home {read_only} cannot be written" in said


def test_doctor_says_it_and_how_to_mend_it(read_only: Path) -> None:
    done = without_power(read_only, "doctor")
    said = " ".join(done.stdout.split())
    assert done.returncode == 1 and "(Permission denied)" in said and "GENAIOPS_HOME" in said, said


@pytest.mark.parametrize("command", [["run"], ["approve", V1, "--as", "Ada Approver", "--reason", "r"]])
def test_what_must_write_is_refused_in_one_sentence(read_only: Path, command: list[str]) -> None:
    done = without_power(read_only, *command)
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    assert done.stdout.startswith(f"✗ the home {read_only} cannot be written") and done.stdout.count("\n") == 1


def test_a_home_below_a_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for command in ("status", "doctor"):
        done = without_power(tmp_path / "file" / "home", command)
        assert done.returncode == 1 and "cannot be written (Not a directory)" in done.stdout, done
