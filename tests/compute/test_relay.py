"""Figures of a running payload stand at its asset while it runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.compute import local
from genaiops_assets.compute.relay import relaying
from tests.compute.selftest_asset import run


def observed(instance: dg.DagsterInstance) -> list[dict[str, Any]]:
    found = instance.fetch_observations(dg.AssetKey("selftest"), limit=50).records
    return [{k: v.value for k, v in r.asset_observation.metadata.items()} for r in found]  # type: ignore[union-attr]


def test_the_asset_is_observed_while_its_payload_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "relaying", lambda context, session: relaying(context, session, every=0.3))
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        runner = threading.Thread(target=lambda: run(tmp_path / "home", instance=instance, pause=3))
        runner.start()
        deadline = time.monotonic() + 120
        while runner.is_alive() and not observed(instance) and time.monotonic() < deadline:
            time.sleep(0.1)
        early, running = observed(instance), runner.is_alive()
        runner.join()
        assert running and early and early[0]["step"] < 3, "it shows before the end"
        assert observed(instance)[0] == {"step": 3, "steps": 3}, "and the last figures are those of the end"
        assert len(observed(instance)) <= 4, "nothing is told twice"


def test_between_two_observations_only_the_newest_counts(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(tmp_path, instance=instance)
        assert observed(instance) == [{"step": 3, "steps": 3}]
