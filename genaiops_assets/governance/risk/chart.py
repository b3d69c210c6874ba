"""The chart of ethical risks: severity against likelihood by class, from what a model version was measured to do.

Belongs here: the points, their rating and the picture. Does not belong here: ratings of single failure modes
(`fmea.py`). A point's rating is the Action Priority it has if nobody notices the failure (detection 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.evidence import draw_matrix, labels
from genaiops_assets.governance.risk.priorities import action_priority
from genaiops_assets.governance.risk.register import class_title
from genaiops_assets.use_case import RISK_CLASSES

SCHEMA_VERSION = 1
UNNOTICED = 10


def build_chart(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """The chart as JSON: for each class the failure mode that rates worst, and how many were measured."""
    language = analysis["language"]
    points = [
        {**point(c, language, rows), "suites": analysis["suites"].get(c, [])}
        for c in RISK_CLASSES
        if (rows := [r for r in analysis["rows"] if r["risk_class"] == c])
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "use_case": analysis["use_case"],
        "language": language,
        "model_version": analysis["model_version"],
        "points": points,
        "assumed_only": [p["risk_class"] for p in points if not p["measured"]],
        "without_failure_mode": [c for c in RISK_CLASSES if c not in {p["risk_class"] for p in points}],
    }


def point(risk_class: str, language: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The worst failure mode of a class; a measured one comes before an assumed one of the same weight."""
    worst = max(rows, key=lambda r: (r["severity"] * r["occurrence"], r["severity"], is_measured(r)))
    return {
        "risk_class": risk_class,
        "title": class_title(risk_class, language),
        "failure_mode": worst["name"],
        "severity": worst["severity"],
        "likelihood": worst["occurrence"],
        "source": worst["occurrence_source"],
        "rating": action_priority(worst["severity"], worst["occurrence"], UNNOTICED),
        "rate": worst.get("measured", {}).get("rate"),
        "evidence": worst.get("measured", {}).get("pointer", ""),
        "owner": worst["owner"],
        "failure_modes": len(rows),
        "measured": sum(is_measured(r) for r in rows),
    }


def is_measured(row: Mapping[str, Any]) -> bool:
    return bool(row["occurrence_source"] == "measured")


def draw_chart(path: Path, chart: Mapping[str, Any]) -> None:
    """One point a class, filled where measured, on the ratings' colours."""
    t = labels(chart["language"])
    ratings = [[action_priority(s, o, UNNOTICED) for o in range(1, 11)] for s in range(1, 11)]
    draw_matrix(
        path,
        str(t["ethical_risk_chart"]),
        {p["title"]: (p["likelihood"], p["severity"], p["source"] == "measured") for p in chart["points"]},
        ratings,
        xlabel=str(t["risk_likelihood"]),
        ylabel=str(t["risk_severity"]),
        legend=(str(t["risk_measured"]), str(t["risk_assumed"])),
    )
