"""The audit plan after release: what is audited, how often, by whom, and when next.

Belongs here: from records of kind planned_audit to the plan, held against the schedule that fires. Does not belong
here: carrying an audit out (`governance/compliance/review.py`), its findings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.acceptance_and_training import records_of
from genaiops_assets.governance.documents.operating.parts import Part, each, said, table
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, Said, Written, parts_of, today
from genaiops_assets.governance.people import listed_as
from genaiops_assets.use_case import UseCase

AUDIT = ("id", "scope", "every", "owner", "due", "carried_by")
DAYS = {"month": 31, "quarter": 92, "half_year": 184, "year": 366}  # between two audits, at most
REVIEW = "internal_review"
REVIEW_EVERY = "month"  # what the schedule of the internal review keeps; a test holds the two together


class AuditPlan(Written):
    """Audits after release."""

    name = "audit_plan"
    article = "article-72"
    description = (
        "What is audited after release, how often, by whom and when next, beside the schedule of the internal review. "
        "From records of kind planned_audit."
    )
    reads = ("records", "use_case_scope", CLASSIFICATION)
    of_newest = (CLASSIFICATION,)
    optional = (CLASSIFICATION,)
    sections = ("purpose", "method", "independence")
    checks = (
        Check("plan_matches_schedule", "The internal review is planned as often as its schedule fires and may take."),
        Check("no_audit_is_late", "No planned audit's day has passed. Asked daily."),
        Check("auditors_are_independent", "Nobody audits what they build."),
    )

    def further_settings(self, uc: UseCase) -> dict[str, Any]:
        return {"review_within_days": uc.monitoring.review_within_days}

    def more(self, uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
        return {"review": {"every": REVIEW_EVERY, "within_days": uc.monitoring.review_within_days}}

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        schedule = {"id": REVIEW, "every": REVIEW_EVERY, "within_days": uc.monitoring.review_within_days}
        return [
            table("audits", AUDIT, records_of(found["records"], "planned_audit")),
            table("schedule", ("id", "every", "within_days"), [schedule]),
            table(
                "builders",
                ("person",),
                [{"person": made} for made in each(found["use_case_scope"], "/people/builders")],
            ),
            *(said(name, said_by[name]) for name in self.sections),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        audits = planned(document)
        return {
            "audits": len(audits),
            "next": min((one["due"] for one in audits if one["due"]), default="none planned"),
        }

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        audits = planned(document)
        if check == "plan_matches_schedule":
            return Finding(schedule_problems(audits, document["review"]))
        if check == "no_audit_is_late":
            late = [one for one in audits if one["due"] and date.fromisoformat(one["due"]) < today()]
            return Finding([f"{one['id']} was due on {one['due']}: {one['owner']}" for one in late])
        builders = [row["person"]["value"] for row in parts_of(document)["builders"]["rows"]]
        own = [one for one in audits if listed_as(builders, one["owner"])]
        return Finding([f"{one['id']}: {one['owner']} builds it" for one in own])


def planned(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Audits that still come round."""
    rows = [row["value"] for row in parts_of(document)["audits"]["rows"]]
    return [one for one in rows if one["done_on"] is None]


def schedule_problems(audits: list[dict[str, Any]], review: Mapping[str, Any]) -> list[str]:
    """Where plan and schedule say different things."""
    carried = [one for one in audits if one["carried_by"] == REVIEW]
    if not carried:
        return [f"no planned audit is carried by {REVIEW}, whose schedule fires every {review['every']}"]
    other = [
        f"{one['id']} is planned every {one['every']}, the schedule fires every {review['every']}"
        for one in carried
        if one["every"] != review["every"]
    ]
    if review["within_days"] < DAYS[review["every"]]:
        other.append(f"monitoring.review_within_days is {review['within_days']}: a review every month is always late")
    far = [
        f"{one['id']} is next due on {one['due']}, more than a {one['every'].replace('_', ' ')} after it was planned"
        for one in audits
        if one["due"]
        and date.fromisoformat(one["due"]) > date.fromisoformat(one["written_on"]) + timedelta(days=DAYS[one["every"]])
    ]
    return other + far
