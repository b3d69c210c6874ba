"""The internal review: what it looks at, what it finds, its minutes, and when the next one is overdue.

Belongs here: minutes as JSON and page, and the rules. Does not belong here: verifying the lake and judging the model
(their results come in), Dagster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.records import Record
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME, FILE = "internal_review", "internal_review.json"
CONFIRMING = ("minutes", "review")  # kinds of records by which a person confirms the minutes
BOUND_DIGITS = 8  # at least so many of the digest, as in a record's `bound`


def last_review(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """The newest minutes with their own digest as `digest`; None before the first review."""
    if lake.heads.get(uc.key(NAME)) is None:
        return None
    found = lake.current(uc.key(NAME))
    return {**found.json(FILE), "digest": found.digest}


def what_happened(lake: Lake, uc: UseCase, since: int) -> dict[str, Any]:
    """From the ledger after the entry numbered `since`: entries by kind, releases, approvals, red checks, failed
    runs. Entries that name another use case do not count."""
    entries = [e for e in lake.ledger.entries() if e.seq > since and is_of(e.body, uc)]
    of_kind = {kind: [e for e in entries if e.kind == kind] for kind in ("release", "approval", "check_failed")}
    return {
        "entries": dict(sorted(Counter(e.kind for e in entries).items())),
        "releases": [{"at": e.at, **chosen(e.body, "kind", "model_version", "by")} for e in of_kind["release"]],
        "approvals": [{"at": e.at, **chosen(e.body, "decision", "model_version", "name")} for e in of_kind["approval"]],
        "checks_failed": sorted({str(e.body["check"]) for e in of_kind["check_failed"]}),
    }


def is_of(body: Mapping[str, Any], uc: UseCase) -> bool:
    if "use_case" in body:
        return bool(body["use_case"] == uc.name)
    return str(body.get("asset", f"{uc.name}/")).startswith(f"{uc.name}/")


def chosen(body: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: str(body.get(name, "")) for name in names}


def build_review(
    uc: UseCase,
    *,
    held_on: date,
    previous: Mapping[str, Any] | None,
    verified: Mapping[str, Any],
    production: Mapping[str, Any] | None,
    red: Sequence[str],
    warned: Sequence[str],
    tasks: Sequence[Mapping[str, Any]],
    late_records: Sequence[str],
    incidents: Sequence[Mapping[str, Any]],
    coverage: Mapping[str, Any] | None,
    happened: Mapping[str, Any],
) -> dict[str, Any]:
    """The minutes as JSON. `verified`: {problems, artifacts, entries, head}; `production`: {model_version, judged_on,
    verdict, failed_gates} or None where nothing is released; `tasks`: open ones with `overdue`."""
    content = {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "held_on": held_on.isoformat(),
        "previous": {"digest": previous["digest"], "held_on": previous["held_on"]} if previous else None,
        "verified": dict(verified),
        "production": dict(production) if production else None,
        "red_checks": sorted(red),
        "warned_checks": sorted(warned),
        "open_tasks": [dict(task) for task in tasks],
        "late_records": list(late_records),
        "open_incidents": [dict(incident) for incident in incidents],
        "coverage": dict(coverage) if coverage else None,
        "happened": dict(happened),
    }
    return {**content, "findings": findings(content)}


def findings(review: Mapping[str, Any]) -> list[dict[str, str]]:
    """What somebody has to see to, each {severity: serious | note, what}."""
    serious = [f"verify: {problem}" for problem in review["verified"]["problems"]]
    production = review["production"]
    if production and production["verdict"] == "no_go":
        serious.append(f"production {production['model_version']} fails {production['failed_gates']}")
    serious += [f"check is red: {name}" for name in review["red_checks"]]
    serious += [f"overdue: {task['what']} ({task['owner']})" for task in review["open_tasks"] if task["overdue"]]
    serious += [f"overdue record: {late}" for late in review["late_records"]]
    notes = []
    if production and production["judged_on"] != review["held_on"]:
        notes.append(f"production was judged last on {production['judged_on'] or 'no day'}, not for this review")
    notes += [f"incident is open: {incident['id']} ({incident['title']})" for incident in review["open_incidents"]]
    return [{"severity": s, "what": w} for s, ws in (("serious", serious), ("note", notes)) for w in ws]


def render_review(review: dict[str, Any]) -> str:
    """The minutes as Markdown, in the language of their use case."""
    return render_template("internal_review.md.j2", {"review": review, "t": labels(review["language"])})


def review_due(lake: Lake, uc: UseCase) -> tuple[date, str] | None:
    """(the last day on which the next review is in time, what it counts from); None where nothing was ever made."""
    allowed, held = timedelta(days=uc.monitoring.review_within_days), last_review(lake, uc)
    if held:
        return date.fromisoformat(held["held_on"]) + allowed, f"the review of {held['held_on']}"
    first = next((e for e in lake.ledger.entries("materialized") if e.body["asset"].startswith(f"{uc.name}/")), None)
    if first is None:
        return None
    day = datetime.fromisoformat(first.at).astimezone(UTC).date()
    return day + allowed, f"the first output on {day}"


def confirmed_by(records: Iterable[Record], digest: str) -> str:
    """Who confirmed the minutes of this digest in a record of their own; "" while nobody did."""
    for record in records:
        bound = record.bound.get(NAME, "")
        if record.model_dump()["kind"] in CONFIRMING and len(bound) >= BOUND_DIGITS and digest.startswith(bound):
            return f"{record.author} on {record.written_on} ({record.id})"
    return ""
