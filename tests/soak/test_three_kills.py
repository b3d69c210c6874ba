"""`kill -9` of the run worker and of payloads: no half artifact, no orphan, and a rerun ends where an undisturbed run ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import genaiops
from tests.faults import DEMO, digests, half_artifacts, kill_during

pytestmark = [pytest.mark.soak, pytest.mark.model, pytest.mark.timeout(1200)]
KILLS = [("embed_chunks", "run", 4.0), ("train_model", "payload", 9.0), ("evaluate_model", "run", 12.0)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    genaiops(home, *DEMO)
    return home


def test_the_chinese_example_goes_through_its_whole_life(undisturbed: Path) -> None:
    found = digests(undisturbed)
    made = {k.split("/")[-1] for k, d in found.items() if d}
    assert {"filtered_corpus", "embeddings_index", "aligned_checkpoint", "eval_report", "model_card", "release_decision"} <= made
    card = next((undisturbed / "artifacts/library_zh/model_card").glob("*/README.md")).read_text("utf-8")
    assert "图书馆" in card


def test_killed_three_times_it_ends_with_the_same_digests(undisturbed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").symlink_to(undisturbed / "cache")
    for payload, victim, delay in KILLS:
        kill_during(home, payload, victim, delay)
        assert half_artifacts(home) == []
    genaiops(home, *DEMO)
    assert digests(home) == digests(undisturbed)
    assert genaiops(home, "verify").returncode == 0
