"""The ratings sensor: quiet while people rate, one request when they have stopped, quiet once that is reported."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from genaiops_assets.assets.alignment.rating_report import rating_report_assets
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from sensors import contract
from sensors.contract import Fact, Quiet
from sensors.ratings import PAUSE, new_ratings
from tests.support.label_page import desk_of
from tests.support.labels import pairs


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    now = contract.now() + by
    monkeypatch.setattr(contract, "now", lambda: now)


def test_a_report_is_asked_for_when_people_have_stopped(
    lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert new_ratings(lake, uc) == Quiet("nobody has rated yet")
    pairs(lake, uc, [(f"Question {n}?", f"Good {n}.", f"Bad {n}.") for n in range(3)])
    desk = desk_of(lake, uc)
    desk.rate(desk.order[0].item.digest, "left", 5)
    found = new_ratings(lake, uc)
    assert isinstance(found, Quiet) and "somebody may be rating still" in found.reason
    later(monkeypatch, 2 * PAUSE)
    asked = new_ratings(lake, uc)
    assert isinstance(asked, Fact) and asked.numbers.startswith("1 ratings")
    dg.materialize(rating_report_assets(uc), resources={"platform": Platform(home=str(lake.home))})
    assert new_ratings(lake, uc) == Quiet("1 ratings, all in the report")
    desk.undo()
    taken_back = new_ratings(lake, uc)
    assert isinstance(taken_back, Fact) and taken_back.cause != asked.cause
