"""Tasks closed by hand: by a person of the use case, with a reason, in the ledger; later questions open new ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from genaiops_assets.drift import open_tasks, settle_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.governance.tasks import close_by_hand
from genaiops_assets.lake import Lake
from tests.conftest import genaiops
from tests.support.lakes import bank_support

UC = bank_support()
TODAY = date(2026, 11, 24)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "home")
    for action in ("add documents", "refresh index"):
        report(made, action, cause=action)
    return made


def report(lake: Lake, action: str, cause: str, day: str = "2026-11-24") -> list[str]:
    """Of too few questions, so that it closes nothing."""
    figures = {"recommendation": action, "why": "20 % of them", "interactions": cause, "enough": False}
    return [task.what for task in settle_tasks(lake, UC, day, figures, TODAY)]


def test_a_person_closes_one_and_the_ledger_says_who_and_why(lake: Lake) -> None:
    first, other = open_tasks(lake, UC)
    closed = close_by_hand(lake, UC, first.id[:5], name="olga  OWNER", reason=" three pages written ")
    assert closed == first and open_tasks(lake, UC) == [other]
    (entry,) = lake.ledger.entries("task_closed")
    assert entry.body == {
        "use_case": "bank_support", "what": "add documents", "cause": "add documents", "closed_by": "Olga Owner",
        "why": "three pages written",
    }  # fmt: skip
    assert lake.ledger.problems() == []


def test_what_was_closed_stays_so_for_the_same_questions_and_later_ones_open_it_anew(lake: Lake) -> None:
    first, _ = open_tasks(lake, UC)
    close_by_hand(lake, UC, first.id, name="Bea Builder", reason="done")
    assert report(lake, "add documents", cause="add documents") == ["refresh index"]
    assert report(lake, "add documents", cause="later ones", day="2026-11-25") == ["refresh index", "add documents"]
    assert open_tasks(lake, UC)[-1].id != first.id


@pytest.mark.parametrize(
    ("task", "name", "reason", "why"),
    [
        ("", "Olga Owner", "done", "names no open task; open ones: "),
        ("zzzz", "Olga Owner", "done", "names no open task; open ones: "),
        (None, "Nobody Known", "done", "is not among the people of bank_support"),
        (None, "Olga Owner", "\u200b", "closing a task needs a reason"),
    ],
)
def test_strangers_the_silent_and_typing_mistakes_close_nothing(
    lake: Lake, task: str | None, name: str, reason: str, why: str
) -> None:
    chosen = open_tasks(lake, UC)[0].id if task is None else task
    with pytest.raises(Refused, match=why):
        close_by_hand(lake, UC, chosen, name=name, reason=reason)
    assert len(open_tasks(lake, UC)) == 2


def test_from_the_command_line(lake: Lake) -> None:
    first, other = open_tasks(lake, UC)
    said = genaiops(lake.home, "tasks").stdout
    assert (
        f"{first.id}  add documents: Olga Owner, due 2026-12-08" in said and f"close-task {first.id} --as NAME" in said
    )
    person = ("--as", "Olga Owner", "--reason", "three pages written")
    assert (
        f"✓ {first.id} (add documents) closed by Olga Owner"
        in genaiops(lake.home, "close-task", first.id, *person).stdout
    )
    again = genaiops(lake.home, "close-task", first.id, *person, check=False)
    assert again.returncode == 1 and f"{other.id} (refresh index)" in again.stdout
    genaiops(lake.home, "close-task", other.id, *person)
    assert "no open task" in genaiops(lake.home, "tasks").stdout
