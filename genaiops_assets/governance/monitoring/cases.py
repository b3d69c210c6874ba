"""Case files of what was not as promised: who looks into it, until when, and what the cause was.

Belongs here: opening and listing cases. Does not belong here: when a level is missed (`levels.py`), closing: a case is
a task (`drift/tasks.py`), which its owner closes with `genaiops close-task ID --reason "ROOT CAUSE"`. One case of a
measure is open at a time, and a day opens it once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from genaiops_assets.drift import Task, open_task, open_tasks
from genaiops_assets.governance.monitoring.levels import Level
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

CASE = "look into: "  # what a task begins with that is a case


def open_cases(lake: Lake, uc: UseCase, day: str, levels: Iterable[Level], today: date) -> list[str]:
    """Open a case for each level that a day missed and that has no open one. Returns the names of those opened."""
    going = {task.what for task in open_tasks(lake, uc)}
    due = (today + timedelta(days=uc.monitoring.slos.case_within_days)).isoformat()
    opened = []
    for level in levels:
        what = CASE + level.name
        if not level.missed or what in going:
            continue
        task = Task(uc.name, what, uc.people.owners[0], due, f"{day} {level.name}", day, level.in_words())
        opened += [level.name] if open_task(lake, uc, task) else []
    return opened


def cases_of(lake: Lake, uc: UseCase, day: str) -> list[dict[str, Any]]:
    """[{id, day, what, why, owner, due, state, root_cause, closed_by}] of the cases opened up to a day, the newest
    first; `root_cause` is what the person said who closed it."""
    opened = list[dict[str, Any]]()
    closed: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in lake.ledger.entries():
        body = entry.body
        if body.get("use_case") != uc.name or not str(body.get("what", "")).startswith(CASE):
            continue
        if entry.kind == "task_opened" and body["day"] <= day:
            opened.append(body)
        elif entry.kind == "task_closed":
            closed[(body["what"], body["cause"])] = body
    return [case_of(body, closed.get((body["what"], body["cause"]))) for body in reversed(opened)]


def case_of(body: dict[str, Any], end: dict[str, Any] | None) -> dict[str, Any]:
    task = Task(**body)
    return {
        "id": task.id,
        "day": task.day,
        "what": task.what.removeprefix(CASE),
        "why": task.why,
        "owner": task.owner,
        "due": task.due,
        "state": "closed" if end else "open",
        "root_cause": end["why"] if end else "",
        "closed_by": end["closed_by"] if end else "",
    }
