"""`incidents.json`: the log with its deadlines, its reports and what it means for the register.

Belongs here: putting them together. Does not belong here: each of them (`log.py`, `clocks.py`, `report.py`,
`seen.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evidence import Evidence, labels, render_template
from genaiops_assets.governance.incidents.clocks import Deadline, deadlines, rules
from genaiops_assets.governance.incidents.report import build_report
from genaiops_assets.governance.incidents.seen import alike, seen_modes, unanswered
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
REPORTED = ("major", "serious")  # severities for which a report is kept ready


def build_incidents(
    uc: UseCase,
    log: Sequence[Mapping[str, Any]],
    roles: Mapping[str, bool],
    *,
    scope: Evidence,
    register: Evidence,
    decisions: Mapping[str, Evidence],
) -> dict[str, Any]:
    """The log as JSON: rows, deadlines (no standing: that is a matter of time), reports by id, findings. `decisions`:
    of model versions that incidents name."""
    owed = {one["id"]: [d.to_dict() for d in deadlines(one, roles)] for one in log}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "incidents",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "roles": {name: roles.get(name) for name in rules()["roles"]},
        "clocks_checked_on": rules()["checked_on"],
        "incidents": [dict(one) for one in log],
        "deadlines": [d for found in owed.values() for d in found],
        "seen": seen_modes(log),
        "unanswered": unanswered(log, register.document),
        "reports": {
            one["id"]: build_report(
                one,
                owed[one["id"]],
                scope=scope,
                register=register,
                decision=decisions.get(one["model_version"]),
                same_mode=alike(one, log),
            )
            for one in log
            if one["severity"] in REPORTED and one["origin"] != "system"
        },
    }


def deadlines_in(document: Mapping[str, Any]) -> list[Deadline]:
    """The deadlines of `incidents.json`."""
    return [Deadline(**d) for d in document["deadlines"]]


def render_incidents(document: Mapping[str, Any], language: str) -> str:
    """The log as Markdown, in English or Chinese."""
    about = {"log": document, "rules": rules(), "language": language, "t": labels(language)}
    return render_template("incidents.md.j2", about)
