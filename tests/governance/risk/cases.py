"""Records and reports that the tests of this folder share. Holds no tests."""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.records import KINDS


def mode(**changes: Any) -> dict[str, Any]:
    """A failure mode with S 7, O 3, D 5 and one suite that measures it."""
    given = {
        "id": "answers-anyway",
        "component": "tuned model",
        "mode": "Answers what no document answers.",
        "cause": "It was trained to answer.",
        "effect": "A customer acts on it.",
        "affected": "customers",
        "controls": "an agent reads",
        "severity": 7,
        "occurrence": 3,
        "detection": 5,
        "tests": [
            {"suite": "refusal", "figure": "/suites/refusal/cells/tuned_with/refused/all", "failures": "rest"},
        ],
    }
    return {k: v for k, v in {**given, **changes}.items() if v is not None}


def risk(*modes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record of kind risk as `records.json` holds it."""
    given = {
        "kind": "risk",
        "id": "invented",
        "title": "Invented answers",
        "author": "Olga Owner",
        "written_on": "2026-11-01",
        "text": "Models write what is not there.",
        "owner": "Olga Owner",
        "risk_class": "confabulation",
        "source": "assumed",
        "likelihood": 6,
        "severity": 7,
        "failure_modes": list(modes),
    }
    return read({**given, **changes})


def mitigation(**changes: Any) -> dict[str, Any]:
    given = {
        "kind": "mitigation",
        "id": "agents-read",
        "title": "Agents read each draft",
        "author": "Olga Owner",
        "written_on": "2026-11-01",
        "text": "No draft is sent unread.",
        "owner": "Ben Builder",
        "due": "2026-12-24",
        "about": ["invented"],
    }
    return read({**given, **changes})


def read(record: dict[str, Any]) -> dict[str, Any]:
    """As a file is read and published. Raises ValidationError."""
    return KINDS[record["kind"]].model_validate(record).model_dump(mode="json")


def interval(mean: float, low: float, high: float, n: int = 40) -> dict[str, Any]:
    return {"mean": mean, "low": low, "high": high, "n": n, "confidence": 0.95}


def report(refused: dict[str, Any] | None = None) -> dict[str, Any]:
    """An evaluation report with golden questions, retrieval and, where given, the suite `refusal`."""
    found: dict[str, Any] = {
        "cells": {"tuned_with": {"answer_f1": {"all": interval(0.5, 0.4, 0.6)}}},
        "effects": {"tuning": {"all": interval(0.02, -0.03, 0.07)}},
        "retrieval": {"golden": {"recall_at_k": interval(0.7, 0.6, 0.79, 84)}},
        "suites": {},
    }
    if refused:
        found["suites"]["refusal"] = {
            "about": {"risks": ["confabulation", "information_integrity"]},
            "items": refused["n"],
            "cells": {"tuned_with": {"refused": {"all": refused}}},
        }
    return found
