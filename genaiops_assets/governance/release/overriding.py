"""Overrides: a version released although something was not shown, because a person accepted what is left of the risk.

Belongs here: what of a decision has to be accepted, and which acceptance covers it. Does not belong here: whether it
may be accepted at all (`verdicts.py`: a no_go never, undecided only in a demo), acceptances of a risk in the register
(`governance/risk/acceptance.py`).

Two things are overrides: a verdict `undecided`, and gates of severity `should` that failed. Either somebody who may
accept risks wrote a record of kind acceptance whose `overrides` names these gates, or the approver accepts them with
the approval itself; both say why and until when, and both are bound to the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.risk import may_accept, published_records, state_of_acceptance
from genaiops_assets.lake import Lake
from genaiops_assets.text import says_something
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Accepts:
    """What an approver types: why what was not shown is accepted, and the last day of that (ISO)."""

    text: str
    until: str


def open_points(decision: Mapping[str, Any]) -> dict[str, Any]:
    """{verdict, undecided: gates, missed: gates} of a decision that only an override can release; {} for another."""
    gates = decision.get("gates", ())
    undecided = [g["id"] for g in gates if g.get("severity", "must") == "must" and g["status"] == "undecided"]
    missed = list(decision.get("should_have_passed") or [])
    if decision["verdict"] != "undecided" and not missed:
        return {}
    return {"verdict": decision["verdict"], "undecided": undecided, "missed": missed}


def override_of(
    lake: Lake, uc: UseCase, version: str, digests: Mapping[str, str], accepts: Accepts | None, person: str
) -> dict[str, Any]:
    """What the approval says of its override: the open points, who accepted them, why, until when, by which record; {}
    where nothing is overridden. Raises Refused saying how to accept."""
    decision = lake.artifacts.get(uc.key("release_decision"), digests["release_decision"]).json("decision.json")
    points = open_points(decision)
    if not points:
        return {}
    today = datetime.now(UTC).date()
    bound = {**points, "report": digests["eval_report"]}
    if accepts is not None:
        return bound | accepted_by_approver(uc, accepts, person, today)
    if found := accepted_by_record(lake, uc, version, points, today):
        return bound | found
    raise Refused(
        f"{version}: {in_words(points)}; somebody has to accept what is left of the risk: add "
        '--accept "why" --until YYYY-MM-DD, or write a record of kind acceptance with overrides: '
        f"[{', '.join([*points['undecided'], *points['missed']])}] and bound: "
        f"{{eval_report: {digests['eval_report'][:12]}}}"
    )


def accepted_by_approver(uc: UseCase, accepts: Accepts, person: str, today: date) -> dict[str, Any]:
    if not says_something(accepts.text):
        raise Refused("an override needs the reason why the risk is accepted: --accept TEXT")
    try:
        until = date.fromisoformat(accepts.until)
    except ValueError:
        raise Refused(f"until when? --until YYYY-MM-DD, not {accepts.until!r}") from None
    if until < today:
        raise Refused(f"an acceptance until {until} does not hold today")
    if not may_accept(uc, person):
        raise Refused(f"{person} may not accept risks")
    return {"accepted_by": person, "text": accepts.text.strip(), "until": until.isoformat(), "record": ""}


def accepted_by_record(lake: Lake, uc: UseCase, version: str, points: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The published acceptance that names every open point and holds today for this version's report; {} for none."""
    needed = {*points["undecided"], *points["missed"]}
    for record in published_records(lake, uc):
        named = set(record.get("overrides") or ())
        if record["kind"] != "acceptance" or not named or not needed <= named:
            continue
        if state_of_acceptance(lake, uc, version, record, today)[0] == "holds":
            return {
                "accepted_by": record["author"],
                "text": record["text"],
                "until": str(record["expires"]),
                "record": record["id"],
            }
    return {}


def in_words(points: Mapping[str, Any]) -> str:
    """`undecided: a, b; should have passed: c`."""
    said = []
    if points["verdict"] == "undecided":
        said.append(f"undecided: {', '.join(points['undecided']) or 'the verdict'}")
    if points["missed"]:
        said.append(f"should have passed: {', '.join(points['missed'])}")
    return "; ".join(said)


def override_in_words(override: Mapping[str, Any]) -> str:
    """One sentence for every view, "" for no override."""
    if not override:
        return ""
    by = f"accepted by {override['accepted_by']} until {override['until']}: {override['text']}"
    return f"released although not everything was shown ({in_words(override)}); {by}"


def has_expired(override: Mapping[str, Any], today: date) -> bool:
    return bool(override) and date.fromisoformat(override["until"]) < today


def refuse_expired_override(override: Mapping[str, Any], version: str) -> None:
    """Raises Refused where the acceptance that an approval rests on is over."""
    if has_expired(override, datetime.now(UTC).date()):
        raise Refused(
            f"{version} was approved {override_in_words(override)}; that is over: accept and approve it again"
        )
