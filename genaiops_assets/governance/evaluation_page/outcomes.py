"""What decided a gate, by the kind of its outcome: the sentence itself is a label of the page's language.

Belongs here: telling the kinds apart from a decision's JSON. Does not belong here: deciding (`evaluation/gates.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def outcome_key(gate: Mapping[str, Any]) -> str:
    """The label of the sentence; "" where only the recorded reason says it."""
    status, value = gate["status"], gate["value"]
    if status == "not_applicable":
        return "outcome_nothing_released"
    if status == "fail" and value is None:
        return "outcome_no_figure"
    if status == "undecided":
        return undecided_key(gate)
    if value is None or value.get("low") is None:
        return ""
    side = gate.get("side", "at_least")
    beyond = "_beyond" if "/effects/" in gate["metric"] or gate.get("against") else ""
    return f"outcome_{status}_{side}{beyond}"


def estimand_key(gate: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The label of what a gate estimates, and the names in it; an empty label for a figure nobody foresaw."""
    match gate["metric"].split("/")[1:]:
        case ["effects", name, *_] | ["suites", _, "effects", name, *_]:
            return "estimand_effect", {"name": name}
        case ["cells", cell, score, *_]:
            return "estimand_cell", {"score": score, "cell": cell}
        case ["retrieval", questions, score]:
            return "estimand_search", {"score": score, "cell": questions}
        case ["suites", suite, "cells", cell, score, *_]:
            return "estimand_suite", {"score": score, "cell": cell, "suite": suite}
    return "", {}


def undecided_key(gate: Mapping[str, Any]) -> str:
    value = gate["value"]
    if value is None:
        return ""
    if gate["n"] < gate["min_items"]:
        return "outcome_too_few"
    if value.get("low") is None:
        return "outcome_no_interval"
    if not value["low"] <= gate["threshold"] <= value["high"]:
        return ""
    return "outcome_straddles_needed" if gate["needed_items"] else "outcome_straddles"
