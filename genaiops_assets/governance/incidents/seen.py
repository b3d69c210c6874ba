"""What incidents say of failure modes: how often each was seen in use, and which nobody acts on.

Belongs here: counting and comparing with the register. Does not belong here: the rating that a count leads to
(`governance/risk/occurrence.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

REAL = ("minor", "major", "serious")  # a near miss did no harm: it shows in reports and raises no count


def seen_modes(incidents: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """RISK/FAILURE_MODE → ids of the incidents in which it happened."""
    found: dict[str, list[str]] = {}
    for one in incidents:
        if one["severity"] in REAL:
            for mode in one["failure_modes"]:
                found.setdefault(mode, []).append(one["id"])
    return {mode: sorted(ids) for mode, ids in sorted(found.items())}


def unanswered(incidents: Iterable[Mapping[str, Any]], register: Mapping[str, Any]) -> list[str]:
    """One sentence for each incident whose failure mode nobody acts on, or which names none that the register has."""
    actions = {f"{r['id']}/{m['id']}": m["actions"] for r in register["risks"] for m in r["failure_modes"]}
    done = {m["id"] for r in register["risks"] for m in r["mitigations"]}
    found = []
    for one in incidents:
        if one["severity"] == "near_miss" or one["origin"] == "system":
            continue
        if not one["failure_modes"] and not one["about"]:
            found.append(f"{one['id']} ({one['title']}) names no failure mode and no risk of the register")
        for mode in one["failure_modes"]:
            if mode not in actions:
                found.append(f"{one['id']}: {mode} is no failure mode of the register")
            elif not done & set(actions[mode]):
                found.append(f"{one['id']} ({one['title']}) hit {mode}, which no mitigation answers")
    return found


def alike(incident: Mapping[str, Any], incidents: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The other incidents and near misses that share a failure mode with one."""
    modes = set(incident["failure_modes"])
    return [one for one in incidents if one["id"] != incident["id"] and modes & set(one["failure_modes"])]
