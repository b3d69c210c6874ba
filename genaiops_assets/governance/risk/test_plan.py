"""The test plan: which suite, gate, attack or asset looks for which failure, stated before anything is trained.

Belongs here: from the register to the plan, and what in it leads nowhere. Does not belong here: whether a test ran
(`resolving.py`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.evidence import labels, render_template

SCHEMA_VERSION = 1
KINDS = ("suite", "gate", "red_team", "asset")


@dataclass(frozen=True)
class Means:
    """What a use case can test with: names by kind. `risks`: suite → classes it says it looks for."""

    suite: Collection[str] = ()
    gate: Collection[str] = ()
    red_team: Collection[str] = ()
    asset: Collection[str] = ()
    risks: Mapping[str, Collection[str]] = field(default_factory=dict)


def build_test_plan(register: Mapping[str, Any], means: Means) -> dict[str, Any]:
    """The plan as JSON: a row a failure mode, the worst severity first, and the orphans, one sentence each."""
    rows = [plan_row(risk, mode) for risk in register["risks"] for mode in risk["failure_modes"]]
    rows.sort(key=lambda row: (-row["severity"], row["risk"], row["failure_mode"]))
    return {
        "schema_version": SCHEMA_VERSION,
        "use_case": register["use_case"],
        "title": register["title"],
        "language": register["language"],
        "rows": rows,
        "gaps": [f"{row['name']}: {row['gap']}" for row in rows if row["gap"]],
        "orphans": [*untested(rows), *unknown(rows, means), *without_a_mode(register), *unread(rows, means)],
    }


def plan_row(risk: Mapping[str, Any], mode: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "risk": risk["id"],
        "failure_mode": mode["id"],
        "name": f"{risk['id']}/{mode['id']}",
        "risk_class": risk["risk_class"],
        "mode": mode["mode"],
        "severity": mode["severity"],
        "tests": [test_entry(test) for test in mode["tests"]],
        "gap": mode.get("gap"),
    }


def test_entry(test: Mapping[str, Any]) -> dict[str, Any]:
    """{kind, name} and, where it measures, {figure, failures}; of a gate `failures` alone."""
    kind = next(kind for kind in KINDS if test.get(kind))
    measures = {name: test[name] for name in ("figure", "failures") if test.get(name)}
    if kind == "red_team" and not measures:
        measures = {"figure": f"/classes/{test[kind]}/success", "failures": "figure"}
    return {"kind": kind, "name": test[kind], **measures}


def untested(rows: Collection[Mapping[str, Any]]) -> list[str]:
    """Failure modes that nothing tests, without a word why."""
    return [f"{row['name']}: no test and no named gap" for row in rows if not row["tests"] and not row["gap"]]


def unknown(rows: Collection[Mapping[str, Any]], means: Means) -> list[str]:
    """Tests that this use case does not have."""
    return [
        f"{row['name']}: this use case has no {test['kind']} {test['name']}"
        for row in rows
        for test in row["tests"]
        if test["name"] not in getattr(means, test["kind"])
    ]


def without_a_mode(register: Mapping[str, Any]) -> list[str]:
    """Risks that say nothing of how they come about."""
    return [f"{risk['id']}: no failure mode" for risk in register["risks"] if not risk["failure_modes"]]


def unread(rows: Collection[Mapping[str, Any]], means: Means) -> list[str]:
    """Suites that look for classes of risk in which no failure mode names them."""
    named = {(row["risk_class"], test["name"]) for row in rows for test in row["tests"] if test["kind"] == "suite"}
    return [
        f"suite {suite} looks for {', '.join(classes)}, and no failure mode there names it"
        for suite, classes in means.risks.items()
        if classes and not any((risk_class, suite) in named for risk_class in classes)
    ]


def render_test_plan(plan: Mapping[str, Any]) -> str:
    """The plan as Markdown, in the language of its use case."""
    return render_template("test_plan.md.j2", {"plan": plan, "t": labels(plan["language"])})
