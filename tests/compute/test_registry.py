"""Launchers by name: ours, and one that another package adds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from genaiops_assets.compute import Launch, LocalLauncher, launcher_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case.compute import Compute
from tests.support.lakes import bank_support
from tests.support.plugins import distribution

LAUNCHER = """
class Elsewhere:
    def run(self, context, lake, place, launch):
        return {"payload": launch.payload, "cpus": launch.cpus, "where": "elsewhere"}
"""


def test_the_local_launcher_is_there() -> None:
    assert isinstance(launcher_of("local"), LocalLauncher)


def test_a_launcher_that_nobody_offers_is_a_mistake_of_the_file() -> None:
    with pytest.raises(ValidationError, match="no launcher 'slurm'; known: local"):
        Compute(launcher="slurm")


def test_a_launcher_of_another_package_runs_payloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = "[genaiops.launchers]\nelsewhere = elsewhere_launcher:Elsewhere"
    site = distribution(tmp_path, "elsewhere", offered, module="elsewhere_launcher", code=LAUNCHER)
    monkeypatch.syspath_prepend(str(site))
    uc = bank_support(compute=Compute(launcher="elsewhere", cpus=7))
    with Platform(home=str(tmp_path / "home")).lake.work("a" * 64) as place:
        platform = Platform(home=str(tmp_path / "home"))
        found = platform.launch(None, uc, place, "selftest", {}, {})
    assert found == {"payload": "selftest", "cpus": 7, "where": "elsewhere"}
    assert Launch("selftest", {}, {}).cpus == 1
    sys.modules.pop("elsewhere_launcher", None)
