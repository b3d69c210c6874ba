"""The runbook: how a version is put to use, watched, rolled back and switched off, with the last rehearsal of the way
back.

Belongs here: its parts. Does not belong here: rehearsing (`governance/release/rehearsal.py`), whether the last
rehearsal is too old (a check of `rollback_rehearsal`, asked daily)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, facts, note, said, some, table
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, Said, Written, parts_of, unsaid
from genaiops_assets.use_case import UseCase

REHEARSAL = ("at", "by", "from_version", "to_version", "outcome", "seconds", "why")
LAST = {
    "rehearsals": "/count",
    "last_rehearsal": "/last/at",
    "outcome": "/last/outcome",
    "to_version": "/last/to_version",
    "within_days": "/within_days",
}
NEEDED = ("deploy", "check_after", "rollback", "stop", "whom_to_call")


class Runbook(Written):
    """Deployment and the way back."""

    name = "runbook"
    article = "article-14.4"
    description = (
        "How a version is deployed, checked, rolled back and switched off, whom to call, and when the way back was "
        "last rehearsed."
    )
    reads = ("rollback_rehearsal", CLASSIFICATION)
    of_newest = (CLASSIFICATION,)
    optional = (CLASSIFICATION,)
    sections = (*NEEDED, "what_is_lost")
    checks = (
        Check(
            "every_step_is_written", "Deploying, checking, rolling back, stopping and whom to call are written down."
        ),
        Check("last_rehearsal_held", "The last rehearsal of a rollback, where there was one, came to its end."),
    )

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        rehearsed = found["rollback_rehearsal"]
        return [
            facts("rehearsed", some(rehearsed, LAST)),
            said("stop", said_by["stop"]),
            said("rollback", said_by["rollback"]),
            note("commands"),
            said("deploy", said_by["deploy"]),
            said("check_after", said_by["check_after"]),
            said("whom_to_call", said_by["whom_to_call"]),
            said("what_is_lost", said_by["what_is_lost"]),
            table("releases", ("at", "kind", "model_version", "by", "reason"), each(rehearsed, "/releases")),
            table("rehearsals", REHEARSAL, each(rehearsed, "/rehearsals")),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        last = parts_of(document)["rehearsed"]["claims"].get("last_rehearsal", {"value": "never"})["value"]
        return {"last rehearsal": last[:10], "releases": len(parts_of(document)["releases"]["rows"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "every_step_is_written":
            return Finding(unsaid(document, NEEDED))
        rows = [row["value"] for row in parts_of(document)["rehearsals"]["rows"]]
        failed = [row for row in rows[:1] if row["outcome"] != "held"]
        return Finding([f"{row['at'][:10]}: {row['why']}" for row in failed], {"rehearsals": len(rows)})
