"""What the page says, as JSON: every figure a claim on the artifact it came from.

Belongs here: which part of which document stands where, and the summary drawn from them. Does not belong here: figures
of suites (`figures.py`), the worst items (`worst.py`), sentences and looks (`rendering.py`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has
from genaiops_assets.governance.evaluation_page.figures import losses_of, suites_of
from genaiops_assets.governance.evaluation_page.further import failure_modes_of, further_figures
from genaiops_assets.governance.evaluation_page.worst import lower_is_better, worst_items
from genaiops_assets.governance.release import told_of_versions
from genaiops_assets.lake import ERASED_TEXT
from genaiops_assets.statistics import needed_sample, two_sided_z
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
STATUSES = ("pass", "fail", "undecided", "not_applicable")
NOTHING = 1e-12  # a distance
METHOD = ("/generation", "/confidence", "/resamples", "/seed", "/top_k", "/judges")


@dataclass(frozen=True)
class PageSources:
    """What a page rests on. `rows`: of `eval_outputs`, those that are still there; `questions`: (suite, item) → its
    question; `further`: reports of other kinds by name, each shown with the figures in it; `history`: overrides and
    revocations."""

    report: Evidence
    decision: Evidence | None = None
    losses: Evidence | None = None
    rows: Sequence[Mapping[str, Any]] = ()
    questions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    further: Mapping[str, Evidence] = field(default_factory=dict)
    history: Evidence | None = None


def build_page(uc: UseCase, version: str, sources: PageSources) -> dict[str, Any]:
    """The page as JSON. Raises KeyError naming a figure that the report lacks."""
    report, decision = sources.report, sources.decision
    gates = gates_of(decision)
    losses = losses_of(sources.losses)
    lower = lower_is_better([gate["value"] for gate in gates])
    suites = suites_of(report, lower)
    worst = worst_items(suites, sources.rows, sources.questions, [gate["value"] for gate in gates])
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "evaluation_page",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": version,
        "sources": [{"asset": e.asset, "digest": e.digest} for e in documents_of(sources)],
        "summary": summary_of(report, decision, gates, losses, suites),
        "gates": gates,
        **told_of_versions(sources.history, version),
        "undecided": undecided_of(gates, losses, suites),
        "suites": suites,
        "losses": losses,
        "worst": worst,
        "erased": erased_of(report, sources),
        "further": [
            made for n, document in sources.further.items() if (made := further_figures(n, document))["figures"]
        ],
        "failure_modes": failure_modes_of(sources.further),
        "method": [claim(report, pointer) for pointer in METHOD if has(report, pointer)],
        "rules": claim(decision, "/rules") if decision and has(decision, "/rules") else None,
    }


def documents_of(sources: PageSources) -> list[Evidence]:
    found = (sources.report, sources.decision, sources.losses, sources.history, *sources.further.values())
    return [document for document in found if document is not None]


def gates_of(decision: Evidence | None) -> list[dict[str, Any]]:
    """Each gate whole, as the decision has it: what failed first, then what is undecided."""
    if decision is None:
        return []
    made = [claim(decision, f"/gates/{place}") for place in range(len(decision.document["gates"]))]
    order = {"fail": 0, "undecided": 1, "pass": 2, "not_applicable": 3}
    return sorted(made, key=lambda gate: order[gate["value"]["status"]])


def summary_of(
    report: Evidence,
    decision: Evidence | None,
    gates: Sequence[Mapping[str, Any]],
    losses: Sequence[Mapping[str, Any]],
    suites: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """May it be used, what failed, what is undecided, and over how many items that was judged."""
    said = [gate["value"] for gate in gates]
    must = [gate for gate in said if gate.get("severity", "must") == "must"]
    verdicts = {name: [loss["name"] for loss in losses if loss["verdict"] == name] for name in ("lost", "not_shown")}
    return {
        "verdict": claim(decision, "/verdict") if decision else None,
        "counts": {status: sum(gate["status"] == status for gate in said) for status in STATUSES},
        "gates": len(gates),
        "must": len(must),
        "blocked_by": claim(decision, "/blocked_by") if decision and has(decision, "/blocked_by") else None,
        "failed": [gate["id"] for gate in must if gate["status"] == "fail"],
        "undecided": [gate["id"] for gate in must if gate["status"] == "undecided"],
        "missed": [g["id"] for g in said if g.get("severity", "must") == "should" and g["status"] == "fail"],
        "broken_claims": len(decision.document.get("broken_claims") or []) if decision else 0,
        "attrition": [g["id"] for g in said if g.get("figures", {}).get("attrition", {}).get("flagged")],
        **verdicts,
        "golden": claim(report, "/items") if has(report, "/items") else None,
        "suites": len(suites),
        "figures": sum(len(suite["figures"]) for suite in suites),
    }


def undecided_of(
    gates: Sequence[Mapping[str, Any]], losses: Sequence[Mapping[str, Any]], suites: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What so many items cannot say, and how many would (`needed`): gates, losses, and suites without a figure.
    `place`: where in the page the figures stand."""
    found: list[dict[str, Any]] = []
    for place, gate in enumerate(gates):
        value = gate["value"]
        if value["status"] == "undecided":
            named = {"what": "gate", "name": value["id"], "place": f"/gates/{place}/value"}
            found.append({**named, "needed": value["needed_items"]})
    for place, loss in enumerate(losses):
        if loss["verdict"] == "not_shown":
            named = {"what": "loss", "name": loss["name"], "place": f"/losses/{place}/figure/value"}
            found.append({**named, "needed": items_to_decide(loss["figure"]["value"])})
    for place, suite in enumerate(suites):
        if suite["figures"] and all(f["figure"]["value"]["mean"] is None for f in suite["figures"]):
            found.append({"what": "suite", "name": suite["name"], "place": f"/suites/{place}", "needed": None})
    return found


def items_to_decide(loss: Mapping[str, Any]) -> int | None:
    """Items at which an interval as wide for its size, around today's difference, would lie on one side of the
    tolerance; None where there is no interval, or the difference lies on a limit."""
    found = loss["difference"]
    limits = [limit for limit in loss["tolerance"].values() if limit is not None]
    if found["low"] is None:
        return None
    crossed = [limit for limit in limits if found["low"] <= limit <= found["high"]]
    distance = min((abs(found["mean"] - limit) for limit in crossed), default=0.0)
    if distance < NOTHING:
        return None
    confidence = found["confidence"]
    spread = (found["high"] - found["low"]) / 2 * math.sqrt(found["n"]) / two_sided_z(confidence)
    return max(found["n"] + 1, needed_sample(spread, distance, confidence))


def erased_of(report: Evidence, sources: PageSources) -> dict[str, int]:
    """Rows that the report kept and that were erased since, and questions whose text is gone."""
    kept = report.document.get("answers", {}).get("rows", len(sources.rows))
    return {
        "rows": max(kept - len(sources.rows), 0),
        "questions": sum(ERASED_TEXT in question for question in sources.questions.values()),
    }
