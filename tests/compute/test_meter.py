"""What a piece of work used, over all processes it took."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.compute import Meter, energy_estimate, meter


@pytest.fixture
def without_codecarbon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "codecarbon", None)


def work(seconds: float = 0.2) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))


@pytest.mark.usefixtures("without_codecarbon")
def test_it_measures_wall_time_cpu_and_memory() -> None:
    with Meter() as measured:
        work()
        time.sleep(0.2)
    used = measured.used()
    assert used["seconds"] >= 0.4 and 0.2 <= used["cpu_seconds"] < used["seconds"]
    assert used["peak_rss_bytes"] > 10 * 2**20 and used["processes"] == 1
    assert used["energy"] == {"method": "not measured", "kwh": None}


@pytest.mark.usefixtures("without_codecarbon")
def test_what_a_killed_process_used_counts_too(tmp_path: Path) -> None:
    first = Meter(tmp_path / "used.json")
    with first:
        work()
        first.save()  # and then it was killed
    with Meter(tmp_path / "used.json") as second:
        work()
    assert second.used()["cpu_seconds"] >= 0.4 and second.used()["processes"] == 2


@pytest.mark.usefixtures("without_codecarbon")
@pytest.mark.parametrize("content", ["", "[]", '{"seconds": "much"}', "null"])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "used.json").write_text(content)
    with Meter(tmp_path / "used.json") as measured:
        pass
    assert measured.used()["processes"] == 1


def test_energy_comes_from_codecarbon_where_it_is_installed() -> None:
    pytest.importorskip("codecarbon")
    with Meter() as measured:
        work(1.5)
    energy = measured.used()["energy"]
    assert energy["method"] == "codecarbon" and energy["tracking_mode"] == "machine"
    assert energy["kwh"] > 0 and energy["power_from"] != "" and energy["codecarbon"]


def test_energy_of_a_process_that_could_not_say_is_no_sum() -> None:
    together = meter._together({"method": "not measured", "kwh": None}, {"method": "codecarbon", "kwh": 1.0})
    assert together["kwh"] is None and "killed" in together["why"]
    both: dict[str, Any] = meter._together({"method": "codecarbon", "kwh": 1.0}, {"method": "codecarbon", "kwh": 2.0})
    assert both["kwh"] == 3.0


def test_an_estimate_needs_a_stated_power() -> None:
    assert energy_estimate(3600, 10)["kwh"] == pytest.approx(0.01)
    assert energy_estimate(3600, None) == {"method": "not measured", "kwh": None}
