"""No false alarm: homes that nobody touched are whole, whatever their history, and so are their dossiers."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from genaiops_assets.governance.dossier import Graph, build_dossier
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.claims import file_of
from genaiops_assets.orchestration.upgrade import upgrade
from genaiops_assets.orchestration.verification import verify_lake
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, bank_support
from tests.trust.homes import erase_one, lived_home, released_home
from tests.trust.trial import verifier

STORED = Path(__file__).parents[1] / "support" / "homes" / "version_0_1.tar.xz"


def alarms(lake: Lake, uc: UseCase, folder: Path) -> list[str]:
    build_dossier(lake, uc, V1, folder, Graph(file_of=file_of), "en")
    return [*verify_lake(lake, [uc], []).problems, *verifier().verify(folder).problems]


@pytest.mark.parametrize("seed", range(2))
def test_a_home_with_a_history_is_whole(tmp_path: Path, seed: int) -> None:
    lake, uc = lived_home(tmp_path / "home", seed)
    assert alarms(lake, uc, tmp_path / "dossier") == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 26))
def test_many_homes_with_histories_are_whole(tmp_path: Path, seed: int) -> None:
    lake, uc = lived_home(tmp_path / "home", seed)
    assert alarms(lake, uc, tmp_path / "dossier") == []


def test_a_released_home_is_whole_after_an_erasure_and_says_so(tmp_path: Path) -> None:
    lake, uc = released_home(tmp_path / "home")
    erase_one(lake, uc)
    assert alarms(lake, uc, tmp_path / "dossier") == []
    assert "erased(1)" in (tmp_path / "dossier" / "life.html").read_text("utf-8")


def test_a_home_of_version_0_1_is_whole_before_and_after_its_upgrade(tmp_path: Path) -> None:
    with tarfile.open(STORED) as archive:
        archive.extractall(tmp_path, filter="data")
    lake = Lake(next(p.parent for p in tmp_path.rglob("ledger") if p.is_dir()))
    assert verify_lake(lake, [bank_support()], []).problems == []
    upgrade(lake)
    assert verify_lake(lake, [bank_support()], []).problems == []
