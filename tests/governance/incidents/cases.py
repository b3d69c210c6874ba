"""Incidents that the tests of this folder share. Holds no tests."""

from __future__ import annotations

from typing import Any

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.records import KINDS


def incident(**changes: Any) -> dict[str, Any]:
    """A row of the log: a serious incident that became known on 1 December at 08:00 UTC."""
    given = {
        "id": "wrong-fee",
        "title": "A wrong fee was sent to forty customers",
        "severity": "serious",
        "owner": "Olga Owner",
        "text": "Forty customers were told a fee that no article has.",
        "harms": [],
        "failure_modes": [],
        "about": [],
        "model_version": "",
        "report": {},
        "attempt": None,
        "automatic": False,
        "reports": [],
        "origin": "record",
        "happened_at": "2026-11-30T00:00:00+00:00",
        "closed_at": "",
        "aware_at": "2026-12-01T08:00:00+00:00",
        "aware_stated": True,
    }
    return given | changes


def handed_in(at: str, step: str = "initial", to: str = "market_surveillance") -> dict[str, str]:
    return {"step": step, "to": to, "at": at, "by": "Olga Owner", "digest": "d" * 64}


def record(**changes: Any) -> dict[str, Any]:
    """A record of kind incident as `records.json` holds it."""
    given = {
        "kind": "incident",
        "id": "wrong-fee",
        "title": "A wrong fee was sent to forty customers",
        "author": "Olga Owner",
        "written_on": "2026-12-01",
        "text": "Forty customers were told a fee that no article has.",
        "happened_on": "2026-11-30",
        "severity": "serious",
        "owner": "Olga Owner",
    }
    return KINDS["incident"].model_validate(given | changes).model_dump(mode="json")


SCOPE = Evidence(
    "bank_support/use_case_scope",
    "a" * 64,
    {"title": "Assistant", "purpose": {"intended_use": "Drafts for agents.", "human_oversight": "Agents read."}},
)
