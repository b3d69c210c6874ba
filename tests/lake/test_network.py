"""Network switches: the same for payloads and for commands that load a model, and the one exception for the hub."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub.constants as hub
import pytest
import typer

from genaiops_assets.cli.interactions import assistant_of
from genaiops_assets.compute.local import environment
from genaiops_assets.lake import OFFLINE, Lake, set_network_switches
from tests.support.lakes import bank_support

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No switch is set before the test, and each is as it was after it."""
    for name in OFFLINE:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr("genaiops_assets.lake.network._asked_by_user", "")
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "HF_HUB_DISABLE_TELEMETRY", False)


def test_ask_has_the_switches_that_payloads_have(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(typer.Exit):  # nothing was materialized: the switches come before anything is loaded
        assistant_of(SimpleNamespace(lake=lake), bank_support(), True)  # type: ignore[arg-type]
    payload = environment(2, lake, online=False)
    assert {n: os.environ.get(n) for n in OFFLINE} == {n: payload[n] for n in OFFLINE} == OFFLINE
    assert hub.is_offline_mode() and hub.HF_HUB_DISABLE_TELEMETRY


def test_a_pinned_reference_is_fetched_without_telemetry_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def download(name: str, **more: object) -> str:
        quiet = os.environ.get("HF_HUB_DISABLE_TELEMETRY"), os.environ.get("DO_NOT_TRACK")
        seen.append((hub.is_offline_mode(), hub.HF_HUB_DISABLE_TELEMETRY, *quiet))
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: SimpleNamespace(repo_info=lambda *a, **k: download("info")))
    set_network_switches()
    Lake(tmp_path / "home").resolve(f"hub:org/model@{COMMIT}", tmp_path)
    assert seen == [(False, True, "1", "1")] * 2
    assert hub.is_offline_mode()
