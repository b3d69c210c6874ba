"""Findings: what a review, an auditor or an incident showed, who sees to it, and until when.

Belongs here: from review, records and incidents to one list, and which of them the review opens and closes as tasks of
the ledger. Does not belong here: how a review finds something (`governance/compliance/review.py`), closing a task by
hand (`governance/tasks.py`). A finding that a review no longer makes is closed by that review; a person closes one with
`genaiops close-task`, or a record of their own with `done_on` and `answer`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from genaiops_assets.drift import Task, close_task, open_task, open_tasks
from genaiops_assets.evidence import labels, render_template
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
PREFIX = "finding: "
ELSEWHERE = ("overdue", "check is red: audit_findings:")  # they have an owner and a day already


def settle_findings(lake: Lake, uc: UseCase, review: Mapping[str, Any] | None) -> None:
    """Open a task for each serious finding of a review that is not open yet, and close those that it does not make any
    more. `review`: the newest minutes with their `digest`; None before the first."""
    if review is None:
        return
    held = date.fromisoformat(review["held_on"])
    made = {PREFIX + f["what"] for f in review["findings"] if f["severity"] == "serious"}
    wanted = {what for what in made if not what.removeprefix(PREFIX).startswith(ELSEWHERE)}
    still = [task for task in open_tasks(lake, uc) if task.what.startswith(PREFIX)]
    for task in still:
        if task.what not in wanted and task.day <= review["held_on"] and task.cause != review["digest"]:
            close_task(lake, uc, task, closed_by=review["digest"], why=f"the review of {held} does not find it")
    due = (held + timedelta(days=uc.monitoring.audit.finding_within_days)).isoformat()
    owner = uc.people.answering_for("monitoring")[0]
    for what in sorted(wanted - {task.what for task in still}):
        open_task(lake, uc, Task(uc.name, what, owner, due, review["digest"], held.isoformat(), f"review of {held}"))


def review_findings(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """Every finding that a review ever opened, with its end, the oldest first."""
    closed: dict[tuple[str, str], dict[str, str]] = {}
    opened: list[dict[str, Any]] = []
    for entry in lake.ledger.entries():
        if entry.body.get("use_case") != uc.name or not str(entry.body.get("what", "")).startswith(PREFIX):
            continue
        if entry.kind == "task_opened":
            opened.append(entry.body)
        elif entry.kind == "task_closed":
            about = {"closed_on": entry.at[:10], "closed_by": entry.body["closed_by"], "answer": entry.body["why"]}
            closed[entry.body["what"], entry.body["cause"]] = about
    return [
        row(
            Task(**body).id,
            "review",
            body["what"].removeprefix(PREFIX),
            "serious",
            body["owner"],
            body["due"],
            body["day"],
            **closed.get((body["what"], body["cause"]), {}),
        )
        for body in opened
    ]


def build_findings(
    uc: UseCase,
    of_reviews: Sequence[Mapping[str, Any]],
    records: Iterable[Mapping[str, Any]],
    incidents: Mapping[str, Any],
) -> dict[str, Any]:
    """audit_findings.json. `incidents`: as `incidents.json`; an incident that nobody acts on is a finding for who sees
    to it."""
    rows = [*of_reviews, *(of_record(r) for r in records if r["kind"] == "finding"), *of_incidents(uc, incidents)]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "audit_findings",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "findings": sorted(rows, key=lambda r: (bool(r["closed_on"]), r["due"], r["id"])),
    }


def of_record(record: Mapping[str, Any]) -> dict[str, Any]:
    about = (record["title"], record["severity"], record["owner"], record["due"], record["written_on"])
    ended = {"closed_on": record["done_on"] or "", "closed_by": record["owner"] if record["done_on"] else ""}
    return row(record["id"], "person", *about, answer=record.get("answer", ""), **ended)


def of_incidents(uc: UseCase, incidents: Mapping[str, Any]) -> list[dict[str, Any]]:
    within = timedelta(days=uc.monitoring.audit.finding_within_days)
    found = []
    for what in incidents["unanswered"]:
        one = next(i for i in incidents["incidents"] if what.startswith(i["id"]))
        known = date.fromisoformat(one["aware_at"][:10])
        due = (known + within).isoformat()
        found.append(row(one["id"], "incident", what, "serious", one["owner"], due, known.isoformat()))
    return found


def row(
    name: str, origin: str, what: str, severity: str, owner: str, due: str, opened_on: str, **ended: str
) -> dict[str, Any]:
    fields = {"id": name, "origin": origin, "what": what, "severity": severity, "owner": owner, "due": due}
    return {**fields, "opened_on": opened_on, "closed_on": "", "closed_by": "", "answer": "", **ended}


def late_findings(document: Mapping[str, Any], today: date) -> list[str]:
    """Open findings that were due before a day, the longest late first."""
    late = [f for f in document["findings"] if not f["closed_on"] and date.fromisoformat(f["due"]) < today]
    return [f"{f['id']}: {f['what']} (was due on {f['due']}, {f['owner']} sees to it)" for f in late]


def render_findings(document: Mapping[str, Any], language: str) -> str:
    """The findings as Markdown, in English or Chinese."""
    return render_template("audit_findings.md.j2", {"page": document, "t": labels(language)})
