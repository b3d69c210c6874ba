"""A version with its lineage in each of the two packaged use cases, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.governance.keys import signing_key
from genaiops_assets.governance.machine_forms import VersionRecord, record_of
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.lakes import V1
from tests.support.lived import lived

LIVES: dict[str, tuple[Lake, UseCase]] = {}


@pytest.fixture(scope="session", params=["bank_support", "library_zh"])
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, UseCase]:
    """A home with a key and a version. Only read."""
    return life_of(request.param, tmp_path_factory.mktemp(request.param))


def life_of(name: str, folder: Path) -> tuple[Lake, UseCase]:
    if name not in LIVES:
        uc, lake = load_use_case(PACKAGED / name), Lake(folder / "home")
        lived(lake, uc)
        signing_key(lake)
        LIVES[name] = lake, uc
    return LIVES[name]


@pytest.fixture
def record(life: tuple[Lake, UseCase]) -> VersionRecord:
    return record_of(*life, V1)


@pytest.fixture
def english(tmp_path_factory: pytest.TempPathFactory) -> VersionRecord:
    return record_of(*life_of("bank_support", tmp_path_factory.mktemp("english")), V1)
