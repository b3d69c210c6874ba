"""Closing a task by hand: a person of the use case says what was done, and the ledger keeps it.

Belongs here: who may, and the entry. Does not belong here: opening tasks, or what a later report makes of them
(`drift/tasks.py`)."""

from __future__ import annotations

from genaiops_assets.drift import Task, close_task, open_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.governance.audit import RESCOPE
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


def close_by_hand(lake: Lake, uc: UseCase, task_id: str, *, name: str, reason: str) -> Task:
    """Close the open task of this id, or of its beginning. The same advice about later questions opens a new one.
    Raises Refused for a stranger, without a reason, for an id that names no open task or several, and
    for what only a decision on the scope closes."""
    person = member(uc, name)
    refuse_empty_reason(reason, "closing a task")
    there_are = open_tasks(lake, uc)
    meant = [task for task in there_are if task_id and task.id.startswith(task_id)]
    if len(meant) != 1:
        known = ", ".join(f"{task.id} ({task.what})" for task in there_are) or "none"
        raise Refused(f"{task_id!r} names {'several tasks' if meant else 'no open task'}; open ones: {known}")
    if meant[0].what == RESCOPE:
        raise Refused(f"{meant[0].id} waits for a decision on the scope: genaiops rescope {meant[0].id}")
    close_task(lake, uc, meant[0], closed_by=person, why=reason.strip())
    return meant[0]
