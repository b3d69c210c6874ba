"""Tasks that drift reports open and close: in the ledger, with an owner and a date, once for one cause."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from genaiops_assets.drift import open_tasks, settle_tasks
from genaiops_assets.lake import Lake
from tests.support.lakes import bank_support

TODAY = date(2026, 11, 24)
UC = bank_support()


def report(lake: Lake, action: str, day: str = "2026-11-24", cause: str = "aa", enough: bool = True) -> list[str]:
    """A day's report with this advice. Returns what is open then."""
    figures: dict[str, Any] = {"recommendation": action, "why": "20 % of them", "interactions": cause, "enough": enough}
    return [task.what for task in settle_tasks(lake, UC, day, figures, TODAY)]


def kinds(lake: Lake) -> list[str]:
    return [entry.kind for entry in lake.ledger.entries()]


@pytest.mark.parametrize(("action", "due"), [("add documents", "2026-12-08"), ("refresh index", "2026-11-26")])
def test_a_task_has_an_owner_a_date_and_its_cause(lake: Lake, action: str, due: str) -> None:
    assert report(lake, action) == [action]
    (entry,) = lake.ledger.entries("task_opened")
    assert entry.body == {
        "use_case": "bank_support", "what": action, "owner": UC.people.owners[0], "due": due, "cause": "aa",
        "day": "2026-11-24", "why": "20 % of them",
    }  # fmt: skip
    (task,) = open_tasks(lake, UC)
    assert task.in_words(TODAY) == f"{action}: {UC.people.owners[0]}, due {due}; 20 % of them"
    assert "(overdue)" in task.in_words(date(2027, 1, 1)) and not task.is_overdue(date.fromisoformat(due))
    assert open_tasks(lake, bank_support(name="other")) == []


@pytest.mark.parametrize("action", ["retrain", "nothing"])
def test_other_advice_opens_no_task(lake: Lake, action: str) -> None:
    assert report(lake, action) == [] and kinds(lake) == []


def test_a_cause_opens_a_task_once_and_what_is_open_is_not_opened_again(lake: Lake) -> None:
    for cause in ("aa", "aa", "bb"):
        assert report(lake, "add documents", cause=cause) == ["add documents"]
    assert kinds(lake) == ["task_opened"]


def test_a_later_report_closes_what_it_no_longer_recommends(lake: Lake) -> None:
    report(lake, "add documents")
    assert report(lake, "nothing", "2026-11-23", "older") == ["add documents"]
    assert report(lake, "nothing", "2026-11-25", "few", enough=False) == ["add documents"]
    assert report(lake, "refresh index", "2026-11-25", "bb") == ["refresh index"]
    assert report(lake, "nothing", "2026-11-25", "bb") == []  # the same questions on the refreshed index
    assert report(lake, "add documents", "2026-11-24", "aa") == []  # an old day measured again
    assert report(lake, "add documents", "2026-11-26", "cc") == ["add documents"]
    assert kinds(lake) == ["task_opened", "task_closed", "task_opened", "task_closed", "task_opened"]
    closed = next(lake.ledger.entries("task_closed"))
    assert closed.body["closed_by"] == "bb" and closed.body["why"].startswith("the report of 2026-11-25: refresh index")
