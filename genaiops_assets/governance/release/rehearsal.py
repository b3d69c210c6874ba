"""Rehearsing a rollback: the real one, with all it verifies, on a lake whose writes are thrown away; then an entry that
says how it went.

Belongs here: carrying it out and reading how it went. Does not belong here: rolling back (`production.py`), how long a
rehearsal counts (section `monitoring` of the use case file)."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from genaiops_assets.errors import GenaiopsError, Refused
from genaiops_assets.governance.people import member
from genaiops_assets.governance.release.bundle import bundle_of, refuse_broken_bundle
from genaiops_assets.governance.release.ledger_check import ledger_problems
from genaiops_assets.governance.release.production import (
    last_good,
    pointer_problem,
    production_release,
    release,
    releases,
)
from genaiops_assets.lake import Lake, RehearsalLake
from genaiops_assets.use_case import UseCase

REHEARSED = "rollback_rehearsed"  # of the ledger's entries
HELD, REFUSED = "held", "refused"
NO_EARLIER = "there is no earlier release: the present one was put back"


@dataclass(frozen=True)
class Rehearsal:
    """How a rehearsal went. `why`: what refused it, or what else there is to know; `at`: when the ledger got it."""

    from_version: str
    to_version: str
    by: str
    outcome: str
    why: str
    seconds: float
    at: str = ""


def rehearse_rollback(lake: Lake, uc: UseCase, *, by: str) -> Rehearsal:
    """Roll back in memory to the release before, or put the only one back; the outcome, good or bad, goes into the
    ledger. Raises Refused for a stranger, and where nothing is released."""
    person = member(uc, by)
    now = production_release(lake, uc)
    if now is None:
        raise Refused("nothing is released: there is nothing to roll back from")
    target, why = target_of(lake, uc, now.model_version)
    began = time.monotonic()
    problem = rolled_back(RehearsalLake(lake), uc, target, person)
    made = Rehearsal(
        from_version=now.model_version,
        to_version=target,
        by=person,
        outcome=REFUSED if problem else HELD,
        why=problem or why,
        seconds=round(time.monotonic() - began, 2),
    )
    entry = lake.ledger.append(REHEARSED, {"use_case": uc.name, **{k: v for k, v in asdict(made).items() if k != "at"}})
    return Rehearsal(**{**asdict(made), "at": entry.at})


def target_of(lake: Lake, uc: UseCase, present: str) -> tuple[str, str]:
    """(version to go back to, what there is to say about it)."""
    try:
        return last_good(lake, uc), ""
    except Refused:
        return present, NO_EARLIER


def rolled_back(lake: RehearsalLake, uc: UseCase, target: str, by: str) -> str:
    """What would have gone wrong; "" where the rollback came to its end: version verified and approved, bundle whole,
    entry and pointer written, the chain sound with them."""
    try:
        release(lake, uc, target, kind="rollback", by=by, reason="a rehearsal", rehearsed=True)
        if bundle := bundle_of(lake, uc, target):
            refuse_broken_bundle(lake, uc, bundle)
    except GenaiopsError as error:
        return str(error)
    return "; ".join(ledger_problems(lake, uc.name)) or pointer_problem(lake, uc) or ""


def rehearsals(lake: Lake, uc: UseCase) -> list[Rehearsal]:
    """All of them by the ledger, the newest first."""
    found = [e for e in lake.ledger.newest_first() if e.kind == REHEARSED and e.body["use_case"] == uc.name]
    return [Rehearsal(**{k: v for k, v in e.body.items() if k != "use_case"}, at=e.at) for e in found]


def rehearsal_due(lake: Lake, uc: UseCase, today: date) -> str:
    """Why a rehearsal is due; "" where one that held is recent enough, or nothing was ever released."""
    days = uc.monitoring.rehearse_rollback_within_days
    if not releases(lake, uc):
        return ""
    done = rehearsals(lake, uc)
    if not done:
        return "no rollback was ever rehearsed: genaiops rehearse-rollback"
    last = done[0]
    if last.outcome != HELD:
        return f"the rehearsal of {last.at[:10]} was refused: {last.why}"
    if datetime.fromisoformat(last.at).date() < today - timedelta(days=days):
        return f"the last rehearsal was on {last.at[:10]}, more than {days} days ago"
    return ""
