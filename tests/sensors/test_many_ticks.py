"""Sensors tick for months: they must not grow, and none may take long. The short version runs in `make test`, ten
thousand ticks in `make soak`."""

from __future__ import annotations

import time

import psutil
import pytest

from sensors import EACH
from tests.sensors.test_inbox import drop, index
from tests.sensors.watch import Watch
from tests.support.lakes import bank_support

GROWTH = 20 * 2**20  # bytes
SLOWEST = 5.0  # seconds: Dagster's own limit is 60
NAMES = [sensor(bank_support()).name.split("__")[1] for sensor in EACH]


@pytest.mark.parametrize("ticks", [300, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(7200)])])
@pytest.mark.parametrize("name", NAMES)
def test_ticks_leave_nothing_behind(watch, name: str, ticks: int) -> None:
    watched: Watch = watch(name)
    drop(watched, "first.md")
    index(watched)
    warm_up(watched)
    before = psutil.Process().memory_info().rss
    slowest = max(seconds_of(watched) for _ in range(ticks))
    assert psutil.Process().memory_info().rss - before < GROWTH
    assert slowest < SLOWEST


def warm_up(watched: Watch) -> None:
    for _ in range(100):
        watched.tick()


def seconds_of(watched: Watch) -> float:
    began = time.perf_counter()
    watched.tick()
    return time.perf_counter() - began
