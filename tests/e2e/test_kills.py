"""`kill -9` of run worker, payload, daemon and all of `genaiops up`: no half artifact, no orphan, and a rerun ends
where an undisturbed run ends. On the Chinese example: it is the smallest."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.lake import Lake
from tests.conftest import copy_home, genaiops
from tests.support.faults import (
    DEMO,
    Kill,
    Up,
    another_daemon,
    decided,
    digests,
    half_artifacts,
    kill_all,
    kill_in_demo,
    kill_in_living,
    live_until,
    living,
    notice,
    of_one_life,
    published,
    settled,
    wait_for,
)

pytestmark = [pytest.mark.model, pytest.mark.timeout(3000), pytest.mark.enable_socket]
IN_TRAINING = Kill("payload", "train_model", 5.0)
BY_AUTOMATION = "library_zh/training_content_summary"


@pytest.fixture(scope="module")
def undisturbed(smoke_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    home.mkdir()
    (home / "cache").symlink_to(smoke_home / "cache")
    genaiops(home, *DEMO)
    return home


@pytest.fixture(scope="module")
def killed(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first life was killed in its training and with its daemon, and then completed by `up`. Kills at
    random moments of run, payload and publisher are soak tests (`tests/soak`)."""
    home = tmp_path_factory.mktemp("killed") / "home"
    home.mkdir()
    (home / "cache").symlink_to(undisturbed / "cache")
    assert kill_in_demo(home, IN_TRAINING), "the kill came too late"
    kill_in_living(home, Kill("daemon", "evaluate_model", 5.0))
    assert live_until(home, decided, 1200), "nothing was decided after the daemon had been killed"
    genaiops(home, *DEMO)  # `decided` does not wait for what is written after a decision
    return home


def test_the_chinese_example_goes_through_its_whole_life(undisturbed: Path) -> None:
    found = digests(undisturbed)
    made = {k.split("/")[-1] for k, d in found.items() if d}
    assert {
        "filtered_corpus",
        "embeddings_index",
        "aligned_checkpoint",
        "eval_report",
        "model_card",
        "release_decision",
    } <= made
    card = next((undisturbed / "artifacts/library_zh/model_card").glob("*/README.md")).read_text("utf-8")
    assert "图书馆" in card


def test_killed_twice_it_ends_with_the_same_digests(undisturbed: Path, killed: Path) -> None:
    assert_same(killed, undisturbed)


@pytest.mark.soak
def test_all_of_up_killed_a_new_document_arrives_once(undisturbed: Path, killed: Path, tmp_path: Path) -> None:
    expected = copy_home(undisturbed, tmp_path / "expected")
    genaiops(expected, "ingest", str(notice(tmp_path)), "--use-case", "library_zh", "--now")
    genaiops(killed, "ingest", str(notice(tmp_path)), "--use-case", "library_zh")
    kill_in_living(killed, Kill("up", "embed_chunks", 1.0))
    assert live_until(killed, settled, 300), "the document did not arrive after everything had been killed"
    assert documents(killed) == documents(undisturbed) + 1
    assert_same(killed, expected, but=BY_AUTOMATION)


@pytest.mark.soak
def test_two_daemons_at_once_bring_a_document_in_once(undisturbed: Path, tmp_path: Path) -> None:
    home = copy_home(undisturbed, tmp_path / "home")
    expected = copy_home(undisturbed, tmp_path / "expected")
    genaiops(expected, "ingest", str(notice(tmp_path)), "--use-case", "library_zh", "--now")
    up = Up(home)
    second = another_daemon(home)
    try:
        assert wait_for(lambda: len(up.daemon()) == 2 and code_servers(home) > 2, 120), "no second daemon"
        genaiops(home, "ingest", str(notice(tmp_path)), "--use-case", "library_zh")
        assert wait_for(lambda: settled(home), 300), "the document did not arrive"
        assert second.poll() is None and up.process.poll() is None
    finally:
        up.stop()
        kill_all(living(home))
        second.wait(30)
    assert documents(home) == documents(undisturbed) + 1
    assert_same(home, expected, but=BY_AUTOMATION)


def code_servers(home: Path) -> int:
    return sum("grpc" in p.cmdline() for p in living(home))


def assert_same(home: Path, expected: Path, *, but: str = "/") -> None:
    """`but`: an asset that the one home's automation has brought up to date and nobody the other's."""
    for found in (digests, published):
        assert comparable(found(home), home, but) == comparable(found(expected), expected, but)
    assert assets_of(of_one_life(home)) == assets_of(of_one_life(expected))
    assert half_artifacts(home) == []
    assert genaiops(home, "verify").returncode == 0


def comparable(made: set[str] | dict[str, str | None], home: Path, but: str) -> set[str]:
    """asset/digest of what two lives must make alike."""
    names = {f"{key}/{digest}" for key, digest in made.items()} if isinstance(made, dict) else made
    return {name for name in names - of_one_life(home) if not name.startswith(but)}


def assets_of(names: set[str]) -> set[str]:
    return {name.rpartition("/")[0] for name in names}


def documents(home: Path) -> int:
    return Lake(home).current("library_zh/documents").snapshot("library_zh/documents").rows
