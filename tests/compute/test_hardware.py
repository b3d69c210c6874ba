"""What a machine is said to have: GPUs by name where the driver answers, and none where it does not."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from genaiops_assets.compute import describe_hardware, gpus


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the one nvidia-smi of the path lies."""
    monkeypatch.setenv("PATH", str(tmp_path))
    gpus.cache_clear()
    yield tmp_path / "nvidia-smi"
    gpus.cache_clear()


def says(driver: Path, script: str) -> None:
    driver.write_text(f"#!/bin/sh\n{script}\n")
    driver.chmod(driver.stat().st_mode | stat.S_IXUSR)


def test_a_machine_without_a_driver_has_none(driver: Path) -> None:
    assert gpus() == () and set(describe_hardware()) == {"machine", "system", "python"}


def test_gpus_are_named(driver: Path) -> None:
    says(driver, "echo NVIDIA H100 80GB HBM3; echo NVIDIA L4")
    assert gpus() == ("NVIDIA H100 80GB HBM3", "NVIDIA L4")
    assert describe_hardware()["gpus"] == ["NVIDIA H100 80GB HBM3", "NVIDIA L4"]


def test_a_driver_that_fails_is_none(driver: Path) -> None:
    says(driver, "echo no devices were found; exit 6")
    assert gpus() == ()
