"""The risk pack of a version: register, test plan, failure modes, chart, mitigations and acceptances in one document,
what is open first.

Belongs here: its parts and what counts as open. Does not belong here: rating or deciding anything (`governance/risk`),
whether a day has passed (asked daily by the checks of the plans themselves)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, listed, said, table
from genaiops_assets.governance.documents.operating.written import (
    CLASSIFICATION,
    Said,
    Written,
    parts_of,
    version_of,
)
from genaiops_assets.use_case import UseCase

FMEA = ("action_priority", "name", "mode", "severity", "occurrence", "detection", "rpn", "occurrence_source")
REGISTER = ("title", "risk_class", "severity", "likelihood", "source", "owner")
PLAN = ("name", "mode", "severity", "tests")
ACTION = ("id", "title", "owner", "due", "done_on", "strategy")
ACCEPTANCE = ("id", "title", "author", "expires", "about")
OPEN = ("what", "name", "owner", "due")
URGENT = ("urgent_without_action", "forbids_release", "untested", "risk_not_accepted")


class RiskPack(Written):
    """All that is known of the risks of a version."""

    name = "risk_pack"
    article = "article-9.2"
    description = (
        "Risks of a version in one document, what is open first: failure modes by Action Priority, the register, the "
        "test plan, the chart, mitigations and acceptances."
    )
    reads = (
        *("fmea", "ethical_risk_chart", "risk_register", "test_plan", "mitigation_plan", "residual_risk_acceptance"),
        CLASSIFICATION,
    )
    of_version = ("fmea", "ethical_risk_chart", CLASSIFICATION)
    optional = (CLASSIFICATION,)
    sections = ("judgement",)
    checks = (
        Check(
            "nothing_urgent_is_open",
            "No failure mode of high priority is without an action, none is untested, nothing forbids a release, and "
            "every risk that needs an acceptance has one.",
        ),
    )

    def more(self, uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
        return version_of(found["fmea"])

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        plan, accepted = found["mitigation_plan"], found["residual_risk_acceptance"]
        chart = found["ethical_risk_chart"]
        return [
            table("open", OPEN, open_rows(found)),
            said("judgement", said_by["judgement"]),
            table("failure_modes", FMEA, each(found["fmea"], "/rows")),
            table("chart", ("title", "severity", "likelihood", "occurrence_source", "rating"), chart_rows(chart)),
            table("register", REGISTER, each(found["risk_register"], "/risks")),
            table("test_plan", PLAN, plan_rows(found["test_plan"])),
            listed("gaps", each(found["test_plan"], "/gaps")),
            table(
                "mitigations", ACTION, sorted(each(plan, "/actions"), key=lambda made: bool(made["value"]["done_on"]))
            ),
            table("acceptances", ACCEPTANCE, each(accepted, "/acceptances")),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        rows = parts_of(document)["open"]["rows"]
        return {"open": len(rows), "urgent": sum(row["what"] in URGENT for row in rows)}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        urgent = [row for row in parts_of(document)["open"]["rows"] if row["what"] in URGENT]
        return Finding([f"{row['what'].replace('_', ' ')}: {row['name']['value']}" for row in urgent])


def open_rows(found: Mapping[str, Evidence]) -> list[dict[str, Any]]:
    """What is left to do, the gravest kind first: {what, name: claim, owner, due}."""
    analysis = found["fmea"]
    return [
        *named(analysis, "forbids_release", "blocking"),
        *named(analysis, "urgent_without_action", "without_action"),
        *named(analysis, "untested", "untested"),
        *of_acceptances(found),
        *high_priorities(analysis),
        *of_mitigations(found["mitigation_plan"]),
        *named(analysis, "test_did_not_run", "never_ran"),
    ]


def named(analysis: Evidence, what: str, field: str) -> Iterator[dict[str, Any]]:
    """What the analysis lists by name."""
    for made in each(analysis, f"/{field}"):
        yield {"what": what, "name": made, "owner": "", "due": ""}


def high_priorities(analysis: Evidence) -> Iterator[dict[str, Any]]:
    """Failure modes of high priority whose actions are not all done."""
    for place, row in enumerate(analysis.document["rows"]):
        if row["action_priority"] == "H" and any(action["state"] != "done" for action in row["actions"]):
            name, owner = (claim(analysis, f"/rows/{place}/{field}") for field in ("name", "owner"))
            yield {"what": "high_priority", "name": name, "owner": owner, "due": ""}


def of_acceptances(found: Mapping[str, Evidence]) -> Iterator[dict[str, Any]]:
    accepted = found["residual_risk_acceptance"]
    named = {risk for one in accepted.document["acceptances"] for risk in one["about"]}
    for place, risk in enumerate(accepted.document["risks"]):
        if risk["needs_acceptance"] and risk["risk"] not in named:
            name = claim(accepted, f"/risks/{place}/title")
            yield {"what": "risk_not_accepted", "name": name, "owner": "", "due": ""}


def of_mitigations(plan: Evidence) -> Iterator[dict[str, Any]]:
    for place, action in enumerate(plan.document["actions"]):
        if action["done_on"] is None:
            name, owner, due = (claim(plan, f"/actions/{place}/{field}") for field in ("title", "owner", "due"))
            yield {"what": "mitigation_open", "name": name, "owner": owner, "due": due}


def chart_rows(chart: Evidence) -> list[dict[str, Any]]:
    """A point a class of risk, the gravest first; what is only assumed says so."""
    fields = {"title": "title", "severity": "severity", "likelihood": "likelihood", "rating": "rating"}
    fields["occurrence_source"] = "source"
    places = sorted(range(len(chart.document["points"])), key=lambda at: weight(chart.document["points"][at]))
    return [{name: claim(chart, f"/points/{at}/{field}") for name, field in fields.items()} for at in places]


def weight(point: Mapping[str, Any]) -> tuple[int, int]:
    return -point["severity"] * point["likelihood"], -point["severity"]


def plan_rows(plan: Evidence) -> list[dict[str, Any]]:
    """A row a failure mode, its tests by name."""
    return [
        {
            **{name: claim(plan, f"/rows/{place}/{name}") for name in ("name", "mode", "severity")},
            "tests": [claim(plan, f"/rows/{place}/tests/{n}/name") for n in range(len(row["tests"]))],
        }
        for place, row in enumerate(plan.document["rows"])
    ]
