"""Failure modes and effects of a model version: ratings, priorities, tests, actions, and what forbids a release.

Belongs here: one row a failure mode and the findings over all rows. Does not belong here: what people write
(`governance/records`), whether a test ran (`resolving.py`), the verdict (`governance/release`).
Sources: Raji et al. 2020 (arXiv 2001.00973), reflection; AIAG and VDA, FMEA handbook, 2019."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.risk.occurrence import anchor, observed_occurrence, occurrence_of, scales
from genaiops_assets.governance.risk.priorities import action_priority, priority_table, risk_priority_number
from genaiops_assets.governance.risk.resolving import Reports, resolve
from genaiops_assets.governance.risk.severe import actions_of, severe_findings
from genaiops_assets.governance.risk.test_plan import test_entry

SCHEMA_VERSION = 1
ORDER = {"H": 0, "M": 1, "L": 2}


def build_fmea(register: Mapping[str, Any], version: str, reports: Reports) -> dict[str, Any]:
    """The analysis as JSON, the most urgent failure mode first."""
    rows = [fmea_row(risk, mode, reports, register["language"]) for risk in register["risks"] for mode in modes(risk)]
    rows.sort(key=lambda row: (ORDER[row["action_priority"]], -row["severity"], -row["rpn"], row["name"]))
    return {
        "schema_version": SCHEMA_VERSION,
        "use_case": register["use_case"],
        "title": register["title"],
        "language": register["language"],
        "model_version": version,
        "rows": rows,
        "suites": looking_for(reports.evaluation),
        "untested": untested(rows),
        "never_ran": never_ran(rows),
        "without_action": [r["name"] for r in rows if r["action_priority"] == "H" and not r["actions"]],
        "blocking": severe_findings(register),
        "tables": {"action_priority": priority_table()["source"], "scales": scales()["source"]},
    }


def modes(risk: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return risk["failure_modes"]


def looking_for(report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Class of risk → suites of the report that say they look for it."""
    found: dict[str, list[str]] = {}
    for suite, section in report.get("suites", {}).items():
        for risk_class in section.get("about", {}).get("risks", []):
            found.setdefault(risk_class, []).append(suite)
    return found


def fmea_row(risk: Mapping[str, Any], mode: Mapping[str, Any], reports: Reports, language: str) -> dict[str, Any]:
    """One failure mode. The occurrence is the worst that a test measured; where none measured, the author's. What was
    seen in use raises it and never lowers it."""
    tests = [resolve(test_entry(test), reports) for test in mode["tests"]]
    worst = max((t for t in tests if t.rate), key=lambda t: t.rate.upper if t.rate else 0, default=None)
    occurrence = occurrence_of(worst.rate.upper) if worst and worst.rate else mode["occurrence"]
    source, seen = "measured" if worst else risk["source"], seen_in_use(f"{risk['id']}/{mode['id']}", reports)
    if seen and seen["occurrence"] > occurrence:
        occurrence, source = seen["occurrence"], "observed"
    severity, detection = mode["severity"], mode["detection"]
    told = ("component", "mode", "cause", "effect", "affected", "controls", "detection", "severity")
    return {
        "name": f"{risk['id']}/{mode['id']}",
        "risk": risk["id"],
        "risk_class": risk["risk_class"],
        "owner": risk["owner"],
        **{name: mode[name] for name in told},
        "occurrence": occurrence,
        "occurrence_assumed": mode["occurrence"],
        "occurrence_source": source,
        **({"measured": worst.to_dict()} if worst else {}),
        **({"seen": seen} if seen else {}),
        "rpn": risk_priority_number(severity, occurrence, detection),
        "action_priority": action_priority(severity, occurrence, detection),
        "tests": [test.to_dict() for test in tests],
        "gap": mode.get("gap"),
        "actions": actions_of(risk, mode),
        "incidents": risk["incidents"],
        "in_words": {
            "severity": anchor("severity", severity, language),
            "occurrence": anchor("occurrence", occurrence, language),
            "detection": anchor("detection", detection, language),
        },
        **({"after": after(mode["after"])} if mode.get("after") else {}),
    }


def seen_in_use(name: str, reports: Reports) -> dict[str, int]:
    """{times, answers, occurrence} of a failure mode that incidents hit; empty where none did."""
    times = reports.seen.get(name, 0)
    if not times:
        return {}
    return {"times": times, "answers": reports.answers, "occurrence": observed_occurrence(times, reports.answers)}


def after(ratings: Mapping[str, int]) -> dict[str, Any]:
    """What the author expects once the actions are done."""
    given = (ratings["severity"], ratings["occurrence"], ratings["detection"])
    return {**ratings, "rpn": risk_priority_number(*given), "action_priority": action_priority(*given)}


def untested(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Failure modes without one test that ran and without a named gap."""
    return [row["name"] for row in rows if not row["gap"] and not any(test["ran"] for test in row["tests"])]


def never_ran(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Tests that were planned and did not run."""
    return [
        f"{row['name']}: {test['kind']} {test['name']} did not run: {test['why_not']}"
        for row in rows
        for test in row["tests"]
        if not test["ran"]
    ]


def render_fmea(analysis: Mapping[str, Any]) -> str:
    """The analysis as Markdown, in the language of its use case."""
    return render_template("fmea.md.j2", {"fmea": analysis, "t": labels(analysis["language"])})
