"""Reports beside the evaluation: what attacks achieved, and failure modes with their priorities.

Belongs here: which parts of them the page shows. Does not belong here: figures of suites (`figures.py`), making any of
these reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has
from genaiops_assets.governance.evaluation_page.figures import intervals_in

FMEA = "fmea"
RATINGS = ("severity", "occurrence", "detection", "rpn", "action_priority")
TOLD = ("mode", "gap", "actions", "occurrence_source")
SHOWN = 12  # failure modes, the most urgent ones


def further_figures(name: str, document: Evidence) -> dict[str, Any]:
    """The intervals of another report, wherever they stand in it."""
    found = intervals_in(document.document, "", ()) if name != FMEA else ()
    return {
        "name": name,
        "figures": [
            {"name": " · ".join(names), "figure": claim(document, pointer)} for pointer, names in found if names
        ],
    }


def failure_modes_of(further: Mapping[str, Evidence]) -> dict[str, Any] | None:
    """{all, rows: [{name, severity, …: claims}], untested, without_action}: as the analysis orders them, the most
    urgent first; None without an analysis."""
    analysis = further.get(FMEA)
    if analysis is None:
        return None
    rows = analysis.document.get("rows", [])
    return {
        "all": len(rows),
        "rows": [
            {
                "name": row["name"],
                **{
                    n: claim(analysis, f"/rows/{at}/{n}") for n in (*RATINGS, *TOLD) if has(analysis, f"/rows/{at}/{n}")
                },
            }
            for at, row in enumerate(rows[:SHOWN])
        ],
        **{n: claim(analysis, f"/{n}") for n in ("untested", "without_action") if has(analysis, f"/{n}")},
    }
