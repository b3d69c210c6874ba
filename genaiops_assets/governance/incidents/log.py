"""The incident log: what people wrote down, what was said at the command line, and what the system itself saw.

Belongs here: gathering all of it into one list of one shape; ledger and records hold it, so nothing of it can be
taken back unseen. Does not belong here: entering something (`entering.py`), deadlines (`clocks.py`), the report to an
authority (`report.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from genaiops_assets.governance.incidents.series import GUARD_SERIES
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.use_case import UseCase

OPENED, REPORTED, CLOSED = "incident_opened", "incident_reported", "incident_closed"
KEPT = (
    "id",
    "title",
    "severity",
    "owner",
    "text",
    "harms",
    "failure_modes",
    "about",
    "model_version",
    "report",
    "attempt",
)


def incident_log(lake: Lake, uc: UseCase, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All incidents, the newest first. `records`: as `records.json` holds them."""
    entries = [e for e in lake.ledger.entries() if e.body.get("use_case") == uc.name]
    found = [of_record(r) for r in records if r["kind"] == "incident"]
    found += [row for source in SYSTEM for row in source(entries, uc)]
    for row in found:
        row["reports"] = [report_of(e) for e in entries if e.kind == REPORTED and e.body["id"] == row["id"]]
        closed = next((e for e in entries if e.kind == CLOSED and e.body["id"] == row["id"]), None)
        row["closed_at"] = row["closed_at"] or (closed.at if closed else "")
    return sorted(found, key=lambda row: (row["happened_at"], row["id"]), reverse=True)


def of_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wrote down. A day counts from its beginning."""
    happened = f"{record['happened_on']}T00:00:00+00:00"
    closed = f"{record['done_on']}T00:00:00+00:00" if record.get("done_on") else ""
    return {**shaped(record), "origin": "record", "happened_at": happened, "closed_at": closed} | awareness(
        record.get("aware_at"), happened
    )


def opened_by_command(entries: Sequence[Entry], uc: UseCase) -> list[dict[str, Any]]:
    return [
        {**shaped(e.body), "origin": "command", "happened_at": e.body["happened_at"], "closed_at": ""}
        | awareness(e.body.get("aware_at"), e.body["happened_at"])
        for e in entries
        if e.kind == OPENED
    ]


def rollbacks(entries: Sequence[Entry], uc: UseCase) -> list[dict[str, Any]]:
    """Going back to an earlier release: major where the platform did it by itself, minor where a person did."""
    return [
        {
            **shaped(
                {
                    "id": f"rollback-{e.hash[:8]}",
                    "title": f"{e.body['previous']} left production, {e.body['model_version']} answers again",
                    "severity": "major" if e.body.get("automatic") else "minor",
                    "owner": uc.people.owners[0],
                    "text": e.body["reason"],
                    "model_version": e.body["previous"] or "",
                }
            ),
            "origin": "system",
            "happened_at": e.at,
            "closed_at": e.at,  # what answered wrongly answers no more
            "automatic": bool(e.body.get("automatic")),
            **awareness(e.at, e.at),
        }
        for e in entries
        if e.kind == "release" and e.body["kind"] == "rollback"
    ]


def ended_rollouts(entries: Sequence[Entry], uc: UseCase) -> list[dict[str, Any]]:
    """A candidate that left its canary: major where the rollout did it by itself (`governance/rollout/state.py` writes
    these entries), minor where a person did."""
    return [
        {
            **shaped(
                {
                    "id": f"rollout-{e.hash[:8]}",
                    "title": f"{e.body['candidate']} was rolled back before it was released to everybody",
                    "severity": "major" if e.body["by"] == "the rollout" else "minor",
                    "owner": uc.people.owners[0],
                    "text": e.body["because"],
                    "model_version": e.body["candidate"],
                }
            ),
            "origin": "system",
            "happened_at": e.at,
            "closed_at": e.at,
            "automatic": e.body["by"] == "the rollout",
            **awareness(e.at, e.at),
        }
        for e in entries
        if e.kind == "rollout" and e.body["did"] == "rolled_back"
    ]


def guard_series(entries: Sequence[Entry], uc: UseCase) -> list[dict[str, Any]]:
    """A guard that tripped again and again on a day (`series.py`): a near miss, open until a person looked."""
    return [
        {
            **shaped(
                {
                    "id": f"guard-{e.hash[:8]}",
                    "title": f"the guard {e.body['rule']} held back {e.body['count']} texts on {e.body['day']}",
                    "severity": "near_miss",
                    "owner": uc.people.owners[0],
                    "text": "One rule tripped again and again: an attack, a rule that is too strict, or a model that "
                    f"says what it should not ({'questions' if e.body['stage'] == 'input' else 'answers'}).",
                    "model_version": e.body["model_version"],
                }
            ),
            "origin": "system",
            "happened_at": e.at,
            "closed_at": "",
            "automatic": True,
            **awareness(e.at, e.at),
        }
        for e in entries
        if e.kind == GUARD_SERIES
    ]


def stops(entries: Sequence[Entry], uc: UseCase) -> list[dict[str, Any]]:
    """A person's stop of serving (`governance/serving_stop.py`): open until it was lifted."""
    told = [e for e in entries if e.kind == "serving"]
    return [
        {
            **shaped(
                {
                    "id": f"stop-{e.hash[:8]}",
                    "title": f"serving was stopped by {e.body['by']}",
                    "severity": "major",
                    "owner": uc.people.owners[0],
                    "text": e.body["reason"],
                }
            ),
            "origin": "system",
            "happened_at": e.at,
            "closed_at": after.at if after else "",
            **awareness(e.at, e.at),
        }
        for e, after in zip(told, [*told, None][1:], strict=True)
        if e.body["did"] == "stopped"
    ]


# What the system itself enters; another source is one more function.
SYSTEM: tuple[Callable[[Sequence[Entry], UseCase], list[dict[str, Any]]], ...] = (
    opened_by_command,
    rollbacks,
    ended_rollouts,
    guard_series,
    stops,
)


def shaped(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that every row has, whoever wrote it."""
    empty: dict[str, Any] = {"harms": [], "failure_modes": [], "about": [], "report": {}, "attempt": None}
    return {name: given.get(name) or empty.get(name, "") for name in KEPT} | {"automatic": False, "reports": []}


def awareness(stated: str | None, happened: str) -> dict[str, Any]:
    """From when the clocks run, in UTC; from the beginning while nobody said when the house learned of it."""
    at = datetime.fromisoformat(stated or happened).astimezone(UTC)
    return {"aware_at": at.isoformat(), "aware_stated": bool(stated)}


def report_of(entry: Entry) -> dict[str, str]:
    return {name: entry.body[name] for name in ("step", "to", "at", "by", "digest")}
