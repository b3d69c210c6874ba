"""The incident log: what people wrote down, what was said at the command line, and what the system itself saw.

Belongs here: gathering all of it into one list of one shape, and the entries by which a command adds to it; the ledger
and the records hold it, so nothing of it can be taken back unseen. Does not belong here: deadlines (`clocks.py`), the
report to an authority (`report.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.incidents.clocks import rules
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.governance.records import KINDS
from genaiops_assets.lake import Entry, Lake, digest_of
from genaiops_assets.use_case import UseCase

OPENED, REPORTED, CLOSED = "incident_opened", "incident_reported", "incident_closed"
SEVERITIES = ("near_miss", "minor", "major", "serious")
STEPS = ("initial", "intermediate", "final")
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


# What the system itself enters; another source (a guard that trips, say) is one more function.
SYSTEM: tuple[Callable[[Sequence[Entry], UseCase], list[dict[str, Any]]], ...] = (opened_by_command, rollbacks)


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


def open_incident(lake: Lake, uc: UseCase, *, by: str, now: datetime, **said: Any) -> str:
    """Enter an incident as a person of the use case; the same fields as a record of kind incident, `happened_at` in
    place of its day. Returns its id. Raises Refused for a stranger, a time to come, and fields no record could have."""
    person = member(uc, by)
    happened = said.pop("happened_at", now)
    if happened > now:
        raise Refused(f"happened_at {happened.isoformat()} lies in the future")
    given = {"title": said["title"], "at": happened.isoformat(), "by": person}
    name = f"incident-{digest_of([uc.name, given])[:8]}"
    record = {"kind": "incident", "id": name, "author": person, "written_on": now.date(), "owner": person, **said}
    try:
        made = KINDS["incident"].model_validate({**record, "happened_on": happened.date()})
    except ValueError as error:
        raise Refused(f"this incident cannot be entered: {error}") from error
    body = {k: v for k, v in made.model_dump(mode="json", exclude_defaults=True).items() if k != "happened_on"}
    lake.ledger.append(OPENED, {"use_case": uc.name, **body, "happened_at": happened.isoformat()})
    return name


def hand_in(
    lake: Lake,
    uc: UseCase,
    incident: str,
    *,
    step: str,
    to: str,
    by: str,
    at: datetime,
    digest: str,
    now: datetime,
) -> None:
    """Note that a report was handed in. `digest`: of the file that was sent. Raises Refused."""
    person = member(uc, by)
    if step not in STEPS:
        raise Refused(f"a report is one of {', '.join(STEPS)}, not {step!r}")
    if to not in rules()["recipients"]:
        raise Refused(f"a report goes to one of {', '.join(rules()['recipients'])}, not to {to!r}")
    if at > now:
        raise Refused(f"{at.isoformat()} lies in the future: nothing was handed in yet")
    body = {"use_case": uc.name, "id": incident, "step": step, "to": to, "at": at.astimezone(UTC).isoformat()}
    lake.ledger.append(REPORTED, {**body, "by": person, "digest": digest})


def close_incident(lake: Lake, uc: UseCase, incident: str, *, by: str, reason: str) -> None:
    """Note that an incident is over, and why one may say so. Raises Refused."""
    refuse_empty_reason(reason, "closing an incident")
    body = {"use_case": uc.name, "id": incident, "by": member(uc, by), "reason": reason.strip()}
    lake.ledger.append(CLOSED, body)
