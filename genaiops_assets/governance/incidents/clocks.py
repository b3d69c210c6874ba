"""Legal clocks: which run for an incident, when each ends, and how much of it is left.

Belongs here: the rules by which data (`clocks.yaml`) becomes deadlines; the present time is always given. Does not
belong here: any number of days or article, incidents themselves (`log.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

Standing = Literal["met", "running", "near", "red", "overdue"]


@dataclass(frozen=True)
class Deadline:
    """One report that is owed: of which incident and step, to whom, from when until when (ISO 8601 with zone); `met_at`
    is "" while it was not handed in. `role_stated`: somebody said that the house has the role."""

    incident: str
    clock: str
    role: str
    role_stated: bool
    step: str
    to: str
    article: str
    starts: str
    due: str
    met_at: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def left(self, now: datetime) -> float:
        """Share of the time that is left, 1 at the start and below 0 after the end."""
        starts, due = datetime.fromisoformat(self.starts), datetime.fromisoformat(self.due)
        return (due - now) / (due - starts)

    def standing(self, now: datetime) -> Standing:
        """`red` comes before the deadline, by the share of the time that is left (`time_left` in the data)."""
        if self.met_at:
            return "met"
        left, bounds = self.left(now), rules()["time_left"]
        if left < 0:
            return "overdue"
        return "red" if left < bounds["red"] else "near" if left < bounds["warn"] else "running"

    def in_words(self, now: datetime) -> str:
        to = rules()["recipients"][self.to]["en"]
        hours = (datetime.fromisoformat(self.due) - now) / timedelta(hours=1)
        when = f"{hours:.0f} hours left" if hours >= 0 else f"{-hours:.0f} hours late"
        unsure = "" if self.role_stated else f"; whether the house is {rules()['roles'][self.role]['en']} is not stated"
        return f"{self.incident}: {self.step} report to the {to} by {self.due[:16]} ({when}, {self.article}{unsure})"


def deadlines(incident: Mapping[str, Any], roles: Mapping[str, bool]) -> list[Deadline]:
    """The reports that an incident of the log owes, the earliest first. `roles`: what the house is or is not; a role
    that is not stated counts."""
    clocks = [c for c in rules()["clocks"] if concerns(c, incident) and roles.get(c["role"], True)]
    replaced = {name for c in clocks for name in c.get("instead_of", ())}
    found = [deadline for c in clocks if c["id"] not in replaced for deadline in owed(c, incident, roles)]
    return sorted(found, key=lambda d: (d.due, d.clock, d.starts))


def concerns(clock: Mapping[str, Any], incident: Mapping[str, Any]) -> bool:
    harms = clock.get("harms")
    return incident["severity"] in clock["severity"] and (harms is None or bool(set(harms) & set(incident["harms"])))


def owed(clock: Mapping[str, Any], incident: Mapping[str, Any], roles: Mapping[str, bool]) -> Iterable[Deadline]:
    """The deadlines of one clock: one, none before it starts, or for a follow-up one after each report."""
    handed_in = sorted(r["at"] for r in incident["reports"] if r["to"] == clock["to"] and r["step"] != "final")
    if clock["from"] == "aware":
        starts = [incident["aware_at"]]
    elif clock["from"] == "closed":
        starts = [incident["closed_at"]] if incident["closed_at"] else []
    else:
        starts = handed_in
    for place, start in enumerate(starts):
        met = met_by(clock, incident, start, handed_in[place + 1 :])
        if clock["from"] == "handed_in" and incident["closed_at"] and not met:
            continue  # from its end on the final report is owed, no further one between
        due = datetime.fromisoformat(start) + timedelta(hours=clock["hours"])
        named = {name: clock[name] for name in ("role", "step", "to", "article")}
        stated = clock["role"] in roles
        yield Deadline(
            incident["id"], clock["id"], **named, role_stated=stated, starts=start, due=due.isoformat(), met_at=met
        )


def met_by(clock: Mapping[str, Any], incident: Mapping[str, Any], start: str, later: list[str]) -> str:
    """When the report of a clock was handed in; any later one answers a follow-up."""
    if clock["from"] == "handed_in":
        return later[0] if later else ""
    fits = (r["at"] for r in incident["reports"] if r["to"] == clock["to"] and r["step"] in (clock["step"], "final"))
    return min(fits, default="")


def pressing(found: Iterable[Deadline], now: datetime, *standings: Standing) -> list[str]:
    """In words, the deadlines of these standings."""
    return [deadline.in_words(now) for deadline in found if deadline.standing(now) in standings]


@cache
def rules() -> dict[str, Any]:
    text = files("genaiops_assets.governance.incidents").joinpath("clocks.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))
