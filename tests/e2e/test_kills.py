"""`kill -9` of run worker, payload, daemon and all of `genaiops up`: no half artifact, no orphan, and a rerun ends where an undisturbed
run ends. On the Chinese example: it is the smallest."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.lake import Lake
from tests.conftest import copy_home, genaiops
from tests.faults import (
    DEMO,
    Kill,
    Up,
    digests,
    half_artifacts,
    kill_in_demo,
    kill_in_refresh,
    living,
    notice,
    published,
    settled,
    wait_for,
)

pytestmark = [pytest.mark.model, pytest.mark.timeout(1200), pytest.mark.enable_socket]
KILLS = [Kill("run", "embed_chunks", 2.0), Kill("publisher", "aligned_checkpoint", 9), Kill("payload", "evaluate_model", 6.0)]


@pytest.fixture(scope="module")
def undisturbed(smoke_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    home.mkdir()
    (home / "cache").symlink_to(smoke_home / "cache")
    genaiops(home, *DEMO)
    return home


@pytest.fixture(scope="module")
def killed(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first life was killed three times and then completed."""
    home = tmp_path_factory.mktemp("killed") / "home"
    home.mkdir()
    (home / "cache").symlink_to(undisturbed / "cache")
    for kill in KILLS:
        kill_in_demo(home, kill)
    genaiops(home, *DEMO)
    return home


def test_the_chinese_example_goes_through_its_whole_life(undisturbed: Path) -> None:
    found = digests(undisturbed)
    made = {k.split("/")[-1] for k, d in found.items() if d}
    assert {"filtered_corpus", "embeddings_index", "aligned_checkpoint", "eval_report", "model_card", "release_decision"} <= made
    card = next((undisturbed / "artifacts/library_zh/model_card").glob("*/README.md")).read_text("utf-8")
    assert "图书馆" in card


def test_killed_three_times_it_ends_with_the_same_digests(undisturbed: Path, killed: Path) -> None:
    assert digests(killed) == digests(undisturbed)
    assert half_artifacts(killed) == []
    assert genaiops(killed, "verify").returncode == 0


@pytest.fixture(scope="module")
def refreshed_undisturbed(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = copy_home(undisturbed, tmp_path_factory.mktemp("refreshed") / "home")
    genaiops(home, "ingest", str(notice(home.parent)), "--use-case", "library_zh", "--now")
    return home


def documents(home: Path) -> int:
    return Lake(home).current("library_zh/documents").snapshot("library_zh/documents").rows


def test_daemon_and_all_of_up_killed_the_refresh_completes_once(undisturbed: Path, refreshed_undisturbed: Path, killed: Path) -> None:
    genaiops(killed, "ingest", str(notice(killed.parent)), "--use-case", "library_zh")
    kill_in_refresh(killed, Kill("daemon", "filter_corpus", 1.0))
    kill_in_refresh(killed, Kill("up", "embed_chunks", 1.0))
    up = Up(killed)
    try:
        assert wait_for(lambda: settled(killed), 240), "the refresh did not complete after two kills"
    finally:
        up.stop()
    assert living(killed) == []
    assert digests(killed) == digests(refreshed_undisturbed)
    assert published(killed) == published(refreshed_undisturbed)
    assert documents(killed) == documents(undisturbed) + 1
    assert genaiops(killed, "verify").returncode == 0
