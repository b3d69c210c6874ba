"""From the bias log back to data: what it finds under-represented becomes a task, and a person's word a request.

Belongs here: which groups and topics lack data, opening and closing those tasks, and the request that is written. Does
not belong here: the shares (`documents/data_bias.py`), tasks as such (`drift`). Nothing is ever asked for, made or
collected without a person's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from genaiops_assets.drift import Task, close_task, open_task, open_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.lake import Lake, digest_of, digest_of_text, write_atomically
from genaiops_assets.use_case import UseCase

Wanted = Literal["documents", "pairs"]
WANTED: tuple[str, ...] = get_args(Wanted)
FIELDS = {"documents": ("title", "text", "license"), "pairs": ("question", "chosen", "rejected", "reviewer")}
ASK, REQUESTED = "ask for data: ", "data_requested"  # how such a task begins, and what the ledger calls its request
KINDS = ("group", "topic")
RARE = 0.5  # of an equal share: below it a class is under-represented
NAMED = 5  # classes that a sentence names
DAYS = 14  # until a task is due


@dataclass(frozen=True)
class Lack:
    """What the bias log finds too rare. `about`: its entry; `missing`: classes, the rarest first; `why`: in numbers."""

    about: str
    missing: tuple[str, ...]
    why: str

    @property
    def what(self) -> str:
        return ASK + self.about

    @property
    def cause(self) -> str:
        """The same for the same classes, however the shares move."""
        return digest_of([self.about, sorted(self.missing)])


def lacks_of(log: Mapping[str, Any]) -> list[Lack]:
    """Groups and topics of a bias log whose largest class is above its threshold, with the classes that are rare
    beside it; all others where none is below half of an equal share."""
    found = []
    for entry in log["entries"]:
        if entry["kind"] in KINDS and entry["status"] == "outside":
            counts = counts_of(entry)
            total, largest = sum(counts.values()), max(counts, key=lambda name: counts[name])
            others = sorted((name for name in counts if name != largest), key=lambda name: (counts[name], name))
            rare = [name for name in others if counts[name] < RARE * total / len(counts)] or others
            named = ", ".join(f"{called(log, name)} {counts[name]}" for name in rare[:NAMED])
            more = f" and {len(rare) - NAMED} more" if len(rare) > NAMED else ""
            share = f"{called(log, largest)} has {entry['share']:.0%} of {total}, at most {entry['threshold']:.0%}"
            found.append(Lack(entry["id"], tuple(rare), f"{share}; rare: {named or 'all others'}{more}"))
    return found


def counts_of(entry: Mapping[str, Any]) -> dict[str, int]:
    """Class → mentions or documents, as the entry's claim states them."""
    value = entry["measured"]["value"]
    if entry["kind"] == "topic":
        return {", ".join(topic["terms"][:3]): topic["documents"] for topic in value}
    return dict(value)


def called(log: Mapping[str, Any], name: str) -> str:
    """A class in the language of the use case."""
    return str(labels(log["language"]).get(f"named_{name}", name))


def settle_data_tasks(lake: Lake, uc: UseCase, log: Mapping[str, Any], digest: str, today: date) -> list[Task]:
    """What a bias log (of this digest) makes of the tasks: a lack opens one, once for the same classes; one whose lack
    is gone is closed. Returns the open ones of this kind."""
    lacks = {lack.what: lack for lack in lacks_of(log)}
    waiting = data_tasks(lake, uc)
    for task in waiting:
        if task.what not in lacks:
            close_task(lake, uc, task, closed_by=digest, why="the bias log no longer names it")
    due, owner = (today + timedelta(days=DAYS)).isoformat(), uc.people.answering_for("corpus")[0]
    for lack in lacks.values():
        if not any(task.what == lack.what for task in waiting):
            open_task(lake, uc, Task(uc.name, lack.what, owner, due, lack.cause, today.isoformat(), lack.why))
    return data_tasks(lake, uc)


def data_tasks(lake: Lake, uc: UseCase) -> list[Task]:
    return [task for task in open_tasks(lake, uc) if task.what.startswith(ASK)]


def ask_for_data(
    lake: Lake, uc: UseCase, task_id: str, *, name: str, reason: str, count: int, wanted: str = "documents"
) -> tuple[Task, Path]:
    """Write the request a task is about, on a person's word, and close the task. Returns both. Raises Refused for a
    stranger, without a reason, for an id that names no such task or several, and for what nobody can hand in."""
    person = member(uc, name)
    refuse_empty_reason(reason, "asking for data")
    if wanted not in WANTED or count < 1:
        raise Refused(f"{count} {wanted}: ask for one or more of {' or '.join(WANTED)}")
    waiting = data_tasks(lake, uc)
    meant = [task for task in waiting if task_id and task.id.startswith(task_id)]
    if len(meant) != 1:
        known = ", ".join(f"{task.id} ({task.what})" for task in waiting) or "none"
        raise Refused(
            f"{task_id!r} names {'several tasks' if meant else 'no open task'} about data; open ones: {known}"
        )
    task = meant[0]
    request = {
        "use_case": uc.name, "task": task.id, "about": task.what.removeprefix(ASK), "why": task.why, "wanted": wanted,
        "count": count, "fields": list(FIELDS[wanted]), "by": person, "reason": reason.strip(),
        "on": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    page = render_template("data_request.md.j2", {"request": request, "uc": uc, "t": labels(uc.language)})
    lake.ledger.append(REQUESTED, {**request, "page": digest_of_text(page)})
    path = requests_folder(lake, uc) / f"{task.id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page.encode())
    close_task(lake, uc, task, closed_by=person, why=f"{count} {wanted} asked for: {reason.strip()}")
    return task, path


def requests_folder(lake: Lake, uc: UseCase) -> Path:
    """Where requests lie for people to pass on: not in the inbox, which is read."""
    return lake.home / "requests" / uc.name


def data_requests(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """All requests written so far, the oldest first."""
    return [dict(e.body) for e in lake.ledger.entries(REQUESTED) if e.body["use_case"] == uc.name]


def lack_rows(lacks: list[Lack]) -> list[dict[str, Any]]:
    return [{**asdict(lack), "missing": list(lack.missing)} for lack in lacks]
