"""The mitigation plan: what is done about each risk and failure mode, by whom, until when, and what shows its effect.

Belongs here: from records of kind mitigation to the plan, and what is wrong with it. Does not belong here: the records
(`governance/records`), whether a day has passed (asked daily by a check, for the plan holds no today)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from genaiops_assets.governance.risk.links import link_problem
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1


def build_mitigation_plan(uc: UseCase, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """mitigation_plan.json: {actions: [...], untreated: [risk ids]} and the problems that no day changes.

    A risk is treated by an action about it or by an acceptance; a failure mode by the actions it names."""
    risks = {r["id"]: r for r in records if r["kind"] == "risk" and r["done_on"] is None}
    actions = [action(r, records) for r in records if r["kind"] == "mitigation"]
    treated = {name for one in actions for name in one["risks"]}
    treated |= {name for r in records if r["kind"] == "acceptance" for name in r["about"]}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "mitigation_plan",
        "use_case": uc.name,
        "actions": actions,
        "untreated": [name for name in risks if name not in treated],
        "problems": [*unknown_actions(records, actions), *unverifiable(uc, actions)],
    }


def action(mitigation: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One row: the record, the risks it is about, the failure modes that name it."""
    kinds = {r["id"]: r["kind"] for r in records}
    modes = [m["id"] for _, m in failure_modes(records) if mitigation["id"] in m.get("actions", ())]
    return {
        "id": mitigation["id"],
        "title": mitigation["title"],
        "strategy": mitigation.get("strategy", "reduce"),
        "risks": [name for name in mitigation["about"] if kinds.get(name) == "risk"],
        "failure_modes": modes,
        "owner": mitigation["owner"],
        "due": mitigation["due"],
        "done_on": mitigation["done_on"],
        "verified_by": mitigation.get("verified_by", ""),
    }


def failure_modes(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """(risk, failure mode) of all risks that are taken apart into ways to fail."""
    return [(r["id"], mode) for r in records if r["kind"] == "risk" for mode in r.get("failure_modes", ())]


def unknown_actions(records: Iterable[Mapping[str, Any]], actions: Iterable[Mapping[str, Any]]) -> list[str]:
    known = {one["id"] for one in actions}
    return [
        f"failure mode {mode['id']} of {risk} names the action {name}, which is no mitigation here"
        for risk, mode in failure_modes(records)
        for name in mode.get("actions", ())
        if name not in known
    ]


def unverifiable(uc: UseCase, actions: Iterable[Mapping[str, Any]]) -> list[str]:
    """Actions whose link to what shows their effect can never hold."""
    found = [(one["id"], link_problem(uc, one["verified_by"])) for one in actions if one["verified_by"]]
    return [f"{name}: {problem}" for name, problem in found if problem]


def late_actions(plan: Mapping[str, Any], today: date) -> list[str]:
    """Actions that are not done and were due before a day, the longest late first."""
    late = [a for a in plan["actions"] if a["done_on"] is None and date.fromisoformat(a["due"]) < today]
    return [
        f"{a['id']} ({a['title']}): was due on {a['due']}, {a['owner']} sees to it"
        for a in sorted(late, key=lambda a: (a["due"], a["id"]))
    ]
