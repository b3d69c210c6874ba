"""Gates as people read them: one row a gate, the same in the UI and in the terminal.

Belongs here: from the gates of a decision, old or new, to rows of short texts. Does not belong here: printing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from genaiops_assets.evaluation.gates import GateResult


def gate_rows(results: Iterable[GateResult]) -> list[dict[str, Any]]:
    return decision_rows([result.to_dict() for result in results])


def decision_rows(gates: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the `gates` of a decision; what a decision of an earlier version does not say stays empty."""
    return [
        {
            "gate": gate["id"],
            "status": _status(gate),
            "reason": gate["reason"],
            "measured": measured(gate.get("value")),
            "what it can show": gate.get("figures", {}).get("in_words", ""),
            "missing": missing(gate.get("figures", {}).get("attrition")),
            "beside the other gates": beside_others(gate),
            "needed_items": gate["needed_items"],
            "rationale": gate["rationale"],
        }
        for gate in gates
    ]


def measured(value: Mapping[str, Any] | None) -> str:
    """0.43 [0.38, 0.47], 84"""
    if not value or value.get("mean") is None:
        return ""
    interval = f" [{value['low']:.3g}, {value['high']:.3g}]" if value.get("low") is not None else ""
    return f"{value['mean']:.3g}{interval}, n = {value['n']}"


def missing(attrition: Mapping[str, Any] | None) -> str:
    if not attrition or not attrition["missing"]:
        return ""
    said = f"{attrition['missing']} of {attrition['asked']} have no score"
    if "least" not in attrition:
        return said
    return f"{said}: the mean of all lies between {attrition['least']:.3g} and {attrition['greatest']:.3g}"


def beside_others(gate: Mapping[str, Any]) -> str:
    """Whether a pass would stand as a finding of its own among so many gates."""
    holm = gate.get("figures", {}).get("holm")
    if not holm or gate["status"] != "pass":
        return ""
    held = "stands on its own" if holm["stands"] else "counts only together with the others"
    return f"{held} (p {holm['adjusted']:.2g} after {holm['tests']} tests)"


def _status(gate: Mapping[str, Any]) -> str:
    return f"{gate['status']} (should)" if gate.get("severity") == "should" else str(gate["status"])
