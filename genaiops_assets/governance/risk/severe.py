"""Severe failure modes: from severity 9 on one needs an action, and nothing is released while it is open.

Belongs here: how each action stands, and the findings that follow. Does not belong here: ratings that are measured
(`fmea.py`), what a finding does to a release (`blocking.py`). Priorities do not matter here: the handbook's table calls
a severity of 10 low where the failure cannot occur, and that is an opinion until somebody acted on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEVERE = 9


def actions_of(risk: Mapping[str, Any], mode: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The mitigations that a failure mode names; one that is no mitigation of this risk is `missing`."""
    known = {m["id"]: m for m in risk["mitigations"]}
    found = []
    for name in mode["actions"]:
        record = known.get(name)
        state = "missing" if record is None else "done" if record["done_on"] else "open"
        found.append({**(record or {"id": name}), "state": state})
    return found


def severe_findings(register: Mapping[str, Any]) -> list[str]:
    """One sentence for each severe failure mode without an action, and for each of its actions that is not done."""
    return [
        finding
        for risk in register["risks"]
        for mode in risk["failure_modes"]
        if mode["severity"] >= SEVERE
        for finding in findings_on(risk, mode)
    ]


def findings_on(risk: Mapping[str, Any], mode: Mapping[str, Any]) -> list[str]:
    head = f"failure mode {risk['id']}/{mode['id']} has severity {mode['severity']}"
    actions = actions_of(risk, mode)
    if not actions:
        return [f"{head} and no action"]
    missing = [f"{head}: {a['id']} is no mitigation of this risk" for a in actions if a["state"] == "missing"]
    unfinished = [f"{head}: {a['id']} is open ({a['owner']}, due {a['due']})" for a in actions if a["state"] == "open"]
    return missing + unfinished
