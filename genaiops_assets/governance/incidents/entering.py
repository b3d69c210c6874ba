"""Entering into the incident log: an incident, that its report was handed in, that it is over.

Belongs here: who may, and the entries of the ledger. Does not belong here: reading the log (`log.py`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.incidents.clocks import rules
from genaiops_assets.governance.incidents.log import CLOSED, OPENED, REPORTED
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.governance.records import KINDS
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.use_case import UseCase

STEPS = ("initial", "intermediate", "final")


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
