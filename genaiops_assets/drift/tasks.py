"""Tasks: what people have to do that no training replaces, who, and until when; most of them a drift report opens.

Belongs here: opening, closing and listing them; the ledger alone holds them. Does not belong here: the advice
(`gaps.py`), requesting runs (sensors)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.use_case import UseCase

OPENED, CLOSED = "task_opened", "task_closed"
DAYS_FOR = {"add documents": 14, "refresh index": 2}  # until a task is due


@dataclass(frozen=True)
class Task:
    """`what`: the advice it follows from; `cause`: digest of the interactions that showed it; `day`: theirs; `due`: the
    last day for it (ISO, UTC); `why`: the report's numbers."""

    use_case: str
    what: str
    owner: str
    due: str
    cause: str
    day: str
    why: str

    @property
    def id(self) -> str:
        """Short, for people to type; the same for the same advice about the same questions."""
        return digest_of([self.use_case, self.what, self.cause])[:8]

    def is_overdue(self, today: date) -> bool:
        return date.fromisoformat(self.due) < today

    def in_words(self, today: date | None = None) -> str:
        late = " (overdue)" if self.is_overdue(today or datetime.now(UTC).date()) else ""
        return f"{self.what}: {self.owner}, due {self.due}{late}; {self.why}"


def open_tasks(lake: Lake, uc: UseCase) -> list[Task]:
    """Those that no later report closed, the oldest first."""
    opened, closed = entries_of(lake, uc)
    return [task for task in opened if (task.what, task.cause) not in closed]


def settle_tasks(lake: Lake, uc: UseCase, day: str, figures: dict[str, Any], today: date) -> list[Task]:
    """What a day's report (its figures) makes of the tasks: one that it recommends is opened, unless the same is open
    already or these interactions asked for it before; open ones that it, being of the same day or later and with enough
    questions, no longer recommends are closed. Returns the open ones."""
    opened, closed = entries_of(lake, uc)
    action, cause, why = str(figures.get("recommendation", "")), figures["interactions"], str(figures.get("why", ""))
    still = [task for task in opened if (task.what, task.cause) not in closed]
    for task in list(still):
        if task.what in DAYS_FOR and figures.get("enough") and action != task.what and day >= task.day:
            close_task(lake, uc, task, closed_by=cause, why=f"the report of {day}: {action}: {why}")
            still.remove(task)
    if action in DAYS_FOR and not any(task.what == action for task in still):
        due = (today + timedelta(days=DAYS_FOR[action])).isoformat()
        task = Task(uc.name, action, uc.people.owners[0], due, cause, day, why)
        still += [task] if open_task(lake, uc, task) else []
    return still


def open_task(lake: Lake, uc: UseCase, task: Task) -> bool:
    """Open a task, unless the same cause led to the same advice before. Returns whether it was opened."""
    if any((before.what, before.cause) == (task.what, task.cause) for before in entries_of(lake, uc)[0]):
        return False
    lake.ledger.append(OPENED, asdict(task))
    return True


def close_task(lake: Lake, uc: UseCase, task: Task, *, closed_by: str, why: str) -> None:
    """`closed_by`: the digest of the interactions whose report no longer asks for it, or a person."""
    about = {"use_case": uc.name, "what": task.what, "cause": task.cause}
    lake.ledger.append(CLOSED, {**about, "closed_by": closed_by, "why": why})


def entries_of(lake: Lake, uc: UseCase) -> tuple[list[Task], set[tuple[str, str]]]:
    """(tasks ever opened, (what, cause) of those closed)"""
    opened, closed = list[Task](), set[tuple[str, str]]()
    for entry in lake.ledger.entries():
        if entry.kind == OPENED and entry.body["use_case"] == uc.name:
            opened.append(Task(**entry.body))
        elif entry.kind == CLOSED and entry.body["use_case"] == uc.name:
            closed.add((entry.body["what"], entry.body["cause"]))
    return opened, closed
