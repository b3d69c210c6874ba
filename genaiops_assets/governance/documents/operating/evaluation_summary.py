"""The evaluation and red-team report of a version as a document: what was tested, how it came out, what could not be
decided, how it failed, and what was not tested.

Belongs here: which figures stand in it. Does not belong here: computing them; gates, suites and what is undecided are
those of the evaluation page (`governance/evaluation_page`), which shows every slice and the worst items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, escape_part, has
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, facts, listed, said, some, table
from genaiops_assets.governance.documents.operating.written import (
    CLASSIFICATION,
    Said,
    Written,
    parts_of,
    version_of,
)
from genaiops_assets.governance.evaluation_page import PageSources, build_page
from genaiops_assets.statistics import ordered
from genaiops_assets.use_case import ALL, UseCase

GATE = ("id", "demand", "status", "value", "threshold", "reason")
SUITE = ("suite", "figure_of", "figure")
ATTACKED = ("rank", "title", "attacks", "success")
RESULT = ("what", "verdict", "difference", "why")
REPORTS = ("eval_report", "release_decision", "tuning_losses", "red_team_report", "fmea")
BASE = "base"  # begins the cells of the base model
UNTESTED = ("never_ran", "untested", "orphans", "no_figure")


class EvaluationSummary(Written):
    """What was tested and what came of it."""

    name = "evaluation_summary"
    article = "annex-XI.2"
    description = (
        "The evaluation and the red team of a version as a document: gates, every suite with its interval and number "
        "of items, what could not be decided, failures by class, what was not tested. In English and Chinese."
    )
    reads = (*REPORTS, "test_plan", CLASSIFICATION)
    of_version = (*REPORTS, CLASSIFICATION)
    optional = ("release_decision", "tuning_losses", "red_team_report", "fmea", "test_plan", CLASSIFICATION)
    both_languages = True
    sections = ("in_words", "not_tested_and_why")
    checks = (
        Check("everything_planned_was_tested", "Every test that the plan names ran; what did not is listed."),
        Check("every_gate_is_decided", "No gate of severity must failed or stayed undecided."),
    )

    def more(self, uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
        return version_of(found["eval_report"], found.get("release_decision"))

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        decision, attacks = found.get("release_decision"), found.get("red_team_report")
        page = page_of(uc, found)
        return [
            facts("verdict", some(decision, {"verdict": "/verdict", "blocked_by": "/blocked_by"})),
            said("in_words", said_by["in_words"]),
            table("gates", GATE, gate_rows(page["gates"])),
            table("suites", SUITE, suite_rows(page["suites"])),
            table("undecided", ("what", "name", "needed"), undecided_rows(page)),
            table("losses", RESULT, loss_rows(found.get("tuning_losses"))),
            facts("attacks", some(attacks, {"attacks": "/attacks", "attack_success": "/all/success"})),
            table("attack_classes", ATTACKED, attack_rows(attacks)),
            table("failures", ("risk_class", "name", "rate", "action_priority"), failure_rows(found.get("fmea"))),
            *(listed(name, each(*place)) for name, place in untested_places(found).items()),
            table("no_figure", ("suite",), no_figure(found["eval_report"])),
            said("not_tested_and_why", said_by["not_tested_and_why"]),
            facts("method", method_of(found["eval_report"])),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        parts = parts_of(document)
        verdict = parts["verdict"]["claims"].get("verdict", {"value": "not decided"})["value"]
        return {"verdict": verdict, "figures": len(parts["suites"]["rows"]), "not tested": len(not_tested(document))}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "everything_planned_was_tested":
            return Finding(not_tested(document))
        gates = [row["row"]["value"] for row in parts_of(document)["gates"]["rows"]]
        must = [gate for gate in gates if demand_of(gate) == "must"]
        still = [f"{gate['id']}: {gate['reason']}" for gate in must if gate["status"] in ("fail", "undecided")]
        return Finding(still if gates else ["no decision was made yet"], {"gates": len(gates)})


def page_of(uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
    """What the evaluation page says of the same reports, without the items."""
    report = found["eval_report"]
    sources = PageSources(report, found.get("release_decision"), found.get("tuning_losses"))
    return build_page(uc, str(report.document.get("model_version", "")), sources)


def suite_rows(suites: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row a figure over all items, without those of the base model alone; these and slices stand on the evaluation
    page."""
    return [
        {
            "suite": {"called": suite["name"]},
            "figure_of": [{"called": word} for word in (figure["metric"], figure["cell"]) if word not in ("", ALL)],
            "figure": figure["figure"],
        }
        for suite in suites
        for figure in suite["figures"]
        if figure["slice"] == ALL and not figure["cell"].startswith(BASE)
    ]


def gate_rows(gates: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each gate as the decision has it, with the word that says how much hangs on it."""
    return [{"row": gate, "demand": demand_of(gate["value"])} for gate in gates]


def demand_of(gate: Mapping[str, Any]) -> str:
    return str(gate.get("severity", "must"))


def undecided_rows(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"what": one["what"], "name": {"called": one["name"]}, "needed": one["needed"]} for one in page["undecided"]
    ]


def loss_rows(losses: Evidence | None) -> list[dict[str, Any]]:
    """What tuning changed, what was lost first."""
    order = {"lost": 0, "not_shown": 1, "within": 2}
    return sorted(each(losses, "/figures"), key=lambda made: order[made["value"]["verdict"]])


def attack_rows(attacks: Evidence | None) -> list[dict[str, Any]]:
    """A row a class of risk, where attacks succeeded most first: by what is sure, the lower bound, and classes that
    cannot be told from the first of a rank share it."""
    if attacks is None:
        return []
    pooled = {name: found["pooled"] for name, found in attacks.document["classes"].items()}
    worst_first = ordered({name: (found.get("low"), found.get("high")) for name, found in pooled.items()})
    return [
        {
            "rank": place.rank,
            "title": claim(attacks, f"/classes/{name}/title"),
            "attacks": claim(attacks, f"/classes/{name}/pooled/n"),
            "success": claim(attacks, f"/classes/{name}/pooled"),
        }
        for place in worst_first
        for name in [escape_part(place.name)]
    ]


def failure_rows(analysis: Evidence | None) -> list[dict[str, Any]]:
    """Failure modes that a test measured, with the measured rate, in the order of the analysis."""
    if analysis is None:
        return []
    return [
        {
            "risk_class": claim(analysis, f"/rows/{place}/risk_class"),
            "name": claim(analysis, f"/rows/{place}/name"),
            "rate": claim(analysis, f"/rows/{place}/measured/rate"),
            "action_priority": claim(analysis, f"/rows/{place}/action_priority"),
        }
        for place in range(len(analysis.document["rows"]))
        if has(analysis, f"/rows/{place}/measured/rate")
    ]


def untested_places(found: Mapping[str, Evidence]) -> dict[str, tuple[Evidence | None, str]]:
    """Where it stands what was not tested, by the name of its part."""
    analysis, plan = found.get("fmea"), found.get("test_plan")
    return {
        "never_ran": (analysis, "/never_ran"),
        "untested": (analysis, "/untested"),
        "orphans": (plan, "/orphans"),
        "known_gaps": (plan, "/gaps"),
    }


def no_figure(report: Evidence) -> list[dict[str, Any]]:
    """Suites of the report without one figure."""
    empty = [name for name, suite in report.document.get("suites", {}).items() if suite.get("cells") == {}]
    return [{"suite": {"called": name}} for name in empty]


def method_of(report: Evidence) -> dict[str, dict[str, Any]]:
    names = ("generation", "confidence", "resamples", "seed", "top_k", "items")
    return some(report, {name: f"/{name}" for name in names})


def not_tested(document: Mapping[str, Any]) -> list[str]:
    """One sentence for each test that did not run, failure mode that nothing tests, and suite without a figure."""
    parts = parts_of(document)
    sentences = [made["value"] for name in UNTESTED[:3] for made in parts[name]["items"]]
    return [*sentences, *(f"suite {row['suite']['called']} gave no figure" for row in parts["no_figure"]["rows"])]
