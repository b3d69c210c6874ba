"""Acceptance of residual risks: which risks need one, who may give it, and whether it holds for a version on a day.

Belongs here: from records to a state with its reason (AI Act, Article 9(5); ISO/IEC 42001, 6.1.3). Does not belong
here: the fields of a record (`governance/records`), what a missing acceptance forbids (`blocking.py`).

An acceptance is bound to what its author had before them: `bound` names `eval_report` with the first digits of its
digest, and any other asset. It lapses when one of these is another one for the version that is asked about, it expires,
and it counts only from a person who may give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from genaiops_assets.governance.people import listed_as
from genaiops_assets.lake import Lake
from genaiops_assets.text import each_once
from genaiops_assets.use_case import UseCase

REPORT = "eval_report"
DIGITS = 8  # of a digest, at least
ROLES = ("business_lead", "ethics_and_compliance", "legal")  # besides the approvers
State = Literal["holds", "missing", "expired", "lapsed", "without_authority", "unbound", "not_needed"]
BEST_FIRST: tuple[State, ...] = ("holds", "expired", "lapsed", "unbound", "without_authority", "missing")


@dataclass(frozen=True)
class Residual:
    """How a risk stands for a version on a day. `by`: who accepted it; `acceptance`: id of the record."""

    risk: str
    title: str
    state: State
    why: str
    acceptance: str = ""
    by: str = ""
    expires: str = ""

    @property
    def blocks(self) -> bool:
        return self.state not in ("holds", "not_needed")


def published_records(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """The records as they were last published: what the ledger holds, not what somebody types at this moment."""
    if lake.heads.get(uc.key("records")) is None:
        return []
    return lake.current(uc.key("records")).json("records.json")["records"]


def residual_risks(
    lake: Lake, uc: UseCase, version: str, records: Sequence[Mapping[str, Any]], today: date
) -> list[Residual]:
    """Every open risk of the records, in their order, with the best acceptance there is for this version."""
    acceptances = [r for r in records if r["kind"] == "acceptance"]
    risks = [r for r in records if r["kind"] == "risk" and not closed(r, today)]
    return [residual(lake, uc, version, risk, acceptances, today) for risk in risks]


def residual(
    lake: Lake,
    uc: UseCase,
    version: str,
    risk: Mapping[str, Any],
    acceptances: Sequence[Mapping[str, Any]],
    today: date,
) -> Residual:
    found = [
        judged(lake, uc, version, risk, one, today)
        for one in acceptances
        if risk["id"] in one["about"] and not closed(one, today)
    ]
    if found:
        best = min(found, key=lambda one: BEST_FIRST.index(one.state))
        if best.state == "holds" or risk.get("needs_acceptance"):
            return best
    if not risk.get("needs_acceptance"):
        return Residual(risk["id"], risk["title"], "not_needed", "the register asks for no acceptance")
    return Residual(risk["id"], risk["title"], "missing", f"nobody accepted it: write {how(lake, uc, version)}")


def judged(
    lake: Lake, uc: UseCase, version: str, risk: Mapping[str, Any], acceptance: Mapping[str, Any], today: date
) -> Residual:
    """One acceptance of one risk."""
    state, why = state_of_acceptance(lake, uc, version, acceptance, today)
    return Residual(
        risk["id"], risk["title"], state, why, acceptance["id"], acceptance["author"], acceptance["expires"]
    )


def state_of_acceptance(
    lake: Lake, uc: UseCase, version: str, acceptance: Mapping[str, Any], today: date
) -> tuple[State, str]:
    named, author = acceptance["id"], acceptance["author"]
    if not may_accept(uc, author):
        return "without_authority", f"{named} is by {author}, who may not accept risks: {', '.join(acceptors(uc))} may"
    short = [asset for asset, digits in acceptance["bound"].items() if len(digits) < DIGITS]
    if REPORT not in acceptance["bound"] or short:
        return "unbound", f"{named} does not say which report {author} saw: it needs {how(lake, uc, version)}"
    if date.fromisoformat(str(acceptance["expires"])) < today:
        return "expired", f"{named} by {author} expired on {acceptance['expires']}"
    if moved := [
        asset for asset, digits in acceptance["bound"].items() if not is_bound(lake, uc, version, asset, digits)
    ]:
        return "lapsed", f"{named} by {author} lapsed: {', '.join(sorted(moved))} is another one than {author} saw"
    return "holds", f"{named} by {author} until {acceptance['expires']}"


def is_bound(lake: Lake, uc: UseCase, version: str, asset: str, digits: str) -> bool:
    """Whether the digits begin the digest that an asset has for the version, or has at all."""
    head = lake.heads.get(uc.key(asset), version) or lake.heads.get(uc.key(asset))
    return head is not None and head["digest"].startswith(digits)


def acceptors(uc: UseCase) -> list[str]:
    """Who may accept a risk: approvers and those in a role that answers for it; nobody who builds."""
    named = [*uc.people.approvers, *(n for role in ROLES for n in uc.people.roles.get(role, []))]  # type: ignore[call-overload]
    return [name for name in each_once(named) if not listed_as(uc.people.builders, name)]


def may_accept(uc: UseCase, name: str) -> bool:
    return listed_as(acceptors(uc), name) is not None


def closed(record: Mapping[str, Any], today: date) -> bool:
    """Whether a record was closed by its author, on or before a day."""
    return record["done_on"] is not None and date.fromisoformat(str(record["done_on"])) <= today


def how(lake: Lake, uc: UseCase, version: str) -> str:
    """What an acceptance of today's report has to hold."""
    head = lake.heads.get(uc.key(REPORT), version)
    digits = head["digest"][:12] if head else "the first digits of its digest"
    return f"a record of kind acceptance with bound: {{{REPORT}: {digits}}}"
