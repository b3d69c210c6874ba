"""One instance and one home for each test of a sensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.use_case import UseCase
from tests.sensors.watch import Watch
from tests.support.lakes import bank_support


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def watch(tmp_path: Path, instance: dg.DagsterInstance) -> Callable[..., Watch]:
    """`watch(sensor, use_case)`"""

    def make(sensor: str, uc: UseCase | None = None) -> Watch:
        return Watch(tmp_path / "home", instance, uc or bank_support(), sensor)

    return make
