"""Goals against results: each success criterion, the purpose and each risk beside what was measured and seen.

Belongs here: the table and when a goal counts as met. Does not belong here: gates (`evaluation`), measuring, finding
the artifacts (the asset)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has, labels, render_template
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
STATES = {"pass": "met", "fail": "missed", "undecided": "undecided"}


def build_goals(
    uc: UseCase,
    *,
    criteria: Evidence,
    scope: Evidence,
    register: Evidence,
    incidents: Evidence,
    rescoping: Evidence,
    decision: Evidence | None,
    in_use: Evidence | None,
    fmea: Evidence | None,
    version: str,
) -> dict[str, Any]:
    """goals_and_results.json. `decision`, `fmea`: of the released version, `in_use`: its newest judgement since; None
    before there is one. A goal is judged by the newest of the two."""
    gates = [criterion(criteria, n, decision, in_use) for n in range(len(criteria.document["gates"]))]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "goals_and_results",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": version,
        "criteria": gates,
        "purpose": {
            "intended_use": claim(scope, "/purpose/intended_use"),
            "days_with_new_topics": len(rescoping.document["days"]),
            "waiting": len(rescoping.document["open"]),
        },
        "risks": [risk(register, n, incidents, fmea) for n in range(len(register.document["risks"]))],
    }


def criterion(criteria: Evidence, place: int, decision: Evidence | None, in_use: Evidence | None) -> dict[str, Any]:
    """One gate: its bound, how it ended at the release and since, and whether it is met now."""
    at, gate = f"/gates/{place}", criteria.document["gates"][place]
    bounds = [n for n in ("at_least", "at_most", "level", "rationale") if gate.get(n) is not None]
    ended = {"at_release": outcome(decision, gate), "in_use": outcome(in_use, gate)}
    newest = ended["in_use"] or ended["at_release"]
    status = newest["status"]["value"] if newest else ""
    return {
        "id": claim(criteria, f"{at}/id"),
        "goal": {name: claim(criteria, f"{at}/{name}") for name in bounds},
        **ended,
        "state": STATES.get(status, "unknown"),
    }


def outcome(judged: Evidence | None, gate: Mapping[str, Any]) -> dict[str, Any] | None:
    """Status and value of a gate in a decision or a judgement in use; of a gate by slices, the worst slice."""
    if judged is None:
        return None
    order = {"fail": 0, "undecided": 1, "pass": 2}
    names = {gate["id"], *(f"{gate['id']}_{part}" for part in gate.get("slices") or ())}
    found = [(n, g) for n, g in enumerate(judged.document["gates"]) if g["id"] in names]
    if not found:
        return None
    place, _ = min(found, key=lambda pair: order.get(pair[1]["status"], 1))
    where = f"/gates/{place}"
    value = {"value": claim(judged, f"{where}/value")} if has(judged, f"{where}/value") else {}
    return {"status": claim(judged, f"{where}/status"), **value}


def risk(register: Evidence, place: int, incidents: Evidence, fmea: Evidence | None) -> dict[str, Any]:
    """One risk: assumed beforehand, measured on the released version, seen in use."""
    one, at = register.document["risks"][place], f"/risks/{place}"
    rows = [(n, r) for n, r in enumerate(fmea.document["rows"]) if r["risk"] == one["id"]] if fmea else []
    worst = max(rows, key=lambda pair: pair[1]["occurrence"], default=None)
    seen = sum(
        any(mode.startswith(f"{one['id']}/") for mode in i["failure_modes"]) or one["id"] in i["about"]
        for i in incidents.document["incidents"]
        if i["severity"] != "near_miss"
    )
    return {
        "title": claim(register, f"{at}/title"),
        "assumed": claim(register, f"{at}/likelihood"),
        "measured": claim(fmea, f"/rows/{worst[0]}/occurrence") if fmea and worst else None,
        "seen": seen,
        "worse_than_assumed": bool(worst and worst[1]["occurrence"] > one["likelihood"]),
    }


def missed_goals(document: Mapping[str, Any]) -> list[str]:
    """Criteria that the version in use does not meet by its newest judgement."""
    return [str(c["id"]["value"]) for c in document["criteria"] if c["state"] == "missed"]


def surprises(document: Mapping[str, Any]) -> list[str]:
    """Risks that are likelier than people assumed, by what was measured or seen."""
    return [str(r["title"]["value"]) for r in document["risks"] if r["worse_than_assumed"]]


def render_goals(document: Mapping[str, Any], language: str) -> str:
    """The table as Markdown, in English or Chinese."""
    return render_template("goals_and_results.md.j2", {"page": document, "t": labels(language)})
