"""What all tests share (sockets: only loopback, see pyproject.toml): no telemetry, and one finished smoke run of the
default use case for those that need it; the use case and the empty lake that most tests start from."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import absl.logging
import pytest

if TYPE_CHECKING:  # nothing of ours is imported before the environment is set
    from genaiops_assets.lake import Lake
    from genaiops_assets.use_case import UseCase

PROJECT = Path(__file__).resolve().parent.parent
OFF = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "HF_HUB_OFFLINE": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
}


def pytest_configure(config: pytest.Config) -> None:
    os.environ.update(OFF)
    os.environ["DATA_JUICER_CACHE_HOME"] = tempfile.mkdtemp(
        prefix="data_juicer_"
    )  # read once, at Data-Juicer's first import
    os.environ.pop("DAGSTER_HOME", None)
    if (
        signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    ):  # a shell's background job; Dagster would make SIGTERM ignored too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # mlcroissant brings absl, whose log handler closes the stream it holds once a command under test has swapped
    # sys.stderr: pytest's own.
    absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(os.environ["DATA_JUICER_CACHE_HOME"], ignore_errors=True)


def genaiops(home: Path, *arguments: str, timeout: float = 900, check: bool = True) -> subprocess.CompletedProcess[str]:
    """The command line as a user runs it, in its own process."""
    env = {**os.environ, "GENAIOPS_HOME": str(home)}
    env.pop("DAGSTER_HOME", None)
    command = [sys.executable, "-m", "genaiops_assets.cli", *arguments]
    done = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode:
        pytest.fail(
            f"genaiops {' '.join(arguments)} exited {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
        )
    return done


@pytest.fixture(scope="session")
def smoke_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `genaiops demo --preset smoke` has finished: real documents, real index, real model. Do not
    change it: copy it."""
    ready = os.environ.get("GENAIOPS_TEST_HOME")
    if ready:  # while developing: a home made earlier
        return Path(ready)
    home = tmp_path_factory.mktemp("smoke") / "home"
    genaiops(home, "demo", "--preset", "smoke")
    return home


def copy_home(smoke_home: Path, target: Path) -> Path:
    """A private copy of a finished home; caches (the converted model) are linked, not copied."""
    shutil.copytree(
        smoke_home, target, symlinks=True, ignore=shutil.ignore_patterns("cache", "scratch", "staging", "logs")
    )
    (target / "cache").symlink_to(smoke_home / "cache")
    return target


@pytest.fixture
def uc() -> UseCase:
    """The packaged example. A module that needs another one has a fixture of this name."""
    from tests.support.lakes import bank_support

    return bank_support()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake. A module that needs a fuller one fills this one in a fixture of the same name."""
    from genaiops_assets.lake import Lake

    return Lake(tmp_path / "home")


@pytest.fixture
def own_home(smoke_home: Path, tmp_path: Path) -> Path:
    return copy_home(smoke_home, tmp_path / "home")
