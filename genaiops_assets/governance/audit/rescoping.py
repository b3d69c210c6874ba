"""A wider use: people ask about what the scope was never thought for, and a person has to decide whether it is part of
it. Until then nothing new is released.

Belongs here: from drift reports to the request, the decision, and what forbids a release meanwhile. Does not belong
here: finding topics (`drift`), tasks as such (`drift/tasks.py`), the verdict (`governance/risk/blocking.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from genaiops_assets.drift import Task, close_task, open_task, open_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.people import listed_as, refuse_empty_reason
from genaiops_assets.lake import Lake
from genaiops_assets.text import normalise, words
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
RESCOPE = "decide on a wider use"
DECIDED = "scope_decided"
DAYS = 14  # until a person has to have decided
SEEN_BEFORE = 0.02  # a topic with no more of the questions than this before is new
Decision = Literal["widen", "keep_out"]


def new_topics(report: Mapping[str, Any], known: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Topics of a drift report that nobody asked about before, or that the index has nothing near for, the largest
    first: {topic, share, questions, covered}. `covered`: the index has something near, so the topic is new to the
    questions and not to the scope. `known`: topics that a person decided on; a topic that shares half of its words with
    one of them is no news."""
    if not report.get("enough"):
        return []
    found = {t["topic"]: t["share_now"] for t in report["topics"] if t["share_before"] <= SEEN_BEFORE}
    counts = {t["topic"]: t["questions"] for t in [*report["topics"], *report["gaps"]]}
    for gap in report["gaps"]:
        found.setdefault(gap["topic"], gap["share"])
    decided = [terms(topic) for topic in known]
    news = {topic: share for topic, share in found.items() if not any(alike(terms(topic), one) for one in decided)}
    unknown = {gap["topic"] for gap in report["gaps"]}
    rows = [
        {"topic": topic, "share": share, "questions": counts[topic], "covered": topic not in unknown}
        for topic, share in news.items()
    ]
    return sorted(rows, key=lambda row: (-row["share"], row["topic"]))


def terms(topic: str) -> set[str]:
    return set(words(normalise(topic).casefold()))


def alike(one: set[str], other: set[str]) -> bool:
    return 2 * len(one & other) >= min(len(one), len(other)) > 0


def request_rescoping(lake: Lake, uc: UseCase, day: str, report: Mapping[str, Any], cause: str, today: date) -> None:
    """Open the task where a day's topics that nothing in the index is near for reach the share that the use case
    allows, unless one waits already. `cause`: digest of the day's interactions."""
    found = [row for row in new_topics(report, decided_topics(lake, uc)) if not row["covered"]]
    share = sum(row["share"] for row in found)
    if share < uc.monitoring.audit.new_topics_share or waiting(lake, uc):
        return
    names = "; ".join(row["topic"] for row in found)
    due = (today + timedelta(days=DAYS)).isoformat()
    why = f"{share:.0%} of the questions of {day} are on topics that the index knows nothing of: {names}"
    open_task(lake, uc, Task(uc.name, RESCOPE, uc.people.answering_for("scoping")[0], due, cause, day, why))


def waiting(lake: Lake, uc: UseCase) -> list[Task]:
    """Requests that nobody decided on, the oldest first."""
    return [task for task in open_tasks(lake, uc) if task.what == RESCOPE]


def decisions(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """What people decided, the oldest first."""
    return [{**e.body, "at": e.at} for e in lake.ledger.entries(DECIDED) if e.body["use_case"] == uc.name]


def decided_topics(lake: Lake, uc: UseCase) -> list[str]:
    return [topic for made in decisions(lake, uc) for topic in made["topics"]]


def decide_scope(lake: Lake, uc: UseCase, task_id: str, *, name: str, decision: Decision, reason: str) -> Task:
    """Close a request by a decision: the topics become part of the use, and its scope is written anew, or they stay
    outside. By an owner or an approver. Raises Refused."""
    person = listed_as([*uc.people.owners, *uc.people.approvers], name)
    if person is None:
        allowed = ", ".join(dict.fromkeys([*uc.people.owners, *uc.people.approvers]))
        raise Refused(f"{name!r} cannot widen the scope of {uc.name}; owners and approvers can: {allowed}")
    refuse_empty_reason(reason, "a decision on the scope")
    meant = [task for task in waiting(lake, uc) if task_id and task.id.startswith(task_id)]
    if len(meant) != 1:
        known = ", ".join(task.id for task in waiting(lake, uc)) or "none"
        raise Refused(f"{task_id!r} names no request for a decision on the scope; open ones: {known}")
    topics = meant[0].why.partition(": ")[2].split("; ")
    scope = lake.heads.digest(uc.key("use_case_scope")) if lake.heads.get(uc.key("use_case_scope")) else ""
    body = {"use_case": uc.name, "task": meant[0].id, "topics": topics, "decision": decision, "by": person}
    lake.ledger.append(DECIDED, {**body, "reason": reason.strip(), "scope": scope})
    close_task(lake, uc, meant[0], closed_by=person, why=f"{decision}: {reason.strip()}")
    return meant[0]


def undecided_scope(lake: Lake, uc: UseCase, version: str, today: date) -> list[str]:
    """What forbids a release of any version: a wider use that nobody decided on."""
    return [
        f"the use widens and nobody decided on it: {task.why} (genaiops rescope {task.id})"
        for task in waiting(lake, uc)
    ]


def build_rescoping(
    uc: UseCase,
    reports: Sequence[tuple[str, Mapping[str, Any]]],
    made: Sequence[Mapping[str, Any]],
    open_: Sequence[Task],
) -> dict[str, Any]:
    """rescoping_request.json. `reports`: (day, drift report), the newest first."""
    days = [
        {"day": day, "topics": found, "share": round(sum(row["share"] for row in found), 4)}
        for day, report in reports
        if (found := new_topics(report))
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "rescoping_request",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "allowed_share": uc.monitoring.audit.new_topics_share,
        "days": days,
        "open": [{"id": t.id, "owner": t.owner, "due": t.due, "day": t.day, "why": t.why} for t in open_],
        "decisions": [dict(one) for one in made],
    }


def scope_behind(document: Mapping[str, Any], scope: str) -> list[str]:
    """Decisions to widen whose scope is still the one of before. `scope`: its digest now, "" where none was
    recorded."""
    return [
        f"{one['by']} took in {', '.join(one['topics'])}, and the scope in the use case file is unchanged"
        for one in document["decisions"]
        if one["decision"] == "widen" and one["scope"] == scope
    ]


def render_rescoping(document: Mapping[str, Any], language: str) -> str:
    """The page as Markdown, in English or Chinese."""
    return render_template("rescoping_request.md.j2", {"page": document, "t": labels(language)})
