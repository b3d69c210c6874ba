"""One released home for the tests of the gateway; each test that changes something works on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.released_home import ReleasedHome


@pytest.fixture(scope="session")
def released_once(tmp_path_factory: pytest.TempPathFactory) -> ReleasedHome:
    return ReleasedHome(tmp_path_factory.mktemp("released"))


@pytest.fixture
def released(released_once: ReleasedHome, tmp_path: Path) -> ReleasedHome:
    return released_once.copied(tmp_path / "copy")
