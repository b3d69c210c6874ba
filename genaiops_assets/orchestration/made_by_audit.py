"""Which modules make the assets of incidents and audits: a part of the table in `made_by.py`.

Belongs here: what goes wrong, is found and is learnt. Does not belong here: corpus, model and documents about them."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_data import DOCUMENT, Code

PAGES = ("governance/documents/templates", "evidence/html")
SECTIONS = ("governance/documents/sections",)
INCIDENT_LOG = ("governance/incidents/log", "governance/incidents/series", "governance/incidents/seen")
AUDIT_MADE_BY = {
    "audit_findings": Code(("governance/audit/findings", *PAGES)),
    "post_mortems": Code((*DOCUMENT, "governance/documents/post_mortems", "governance/audit/post_mortems")),
    "rescoping_request": Code(("governance/audit/rescoping", "governance/people", *PAGES)),
    "threat_register": Code(("governance/audit/threats", "serving/guardrails", *PAGES)),
    "goals_and_results": Code(("governance/audit/goals", *PAGES)),
    "data_risks": Code(
        (*DOCUMENT, "governance/documents/data_risks", "governance/documents/data_risks.yaml", *SECTIONS, *PAGES)
    ),
    "audit_summary": Code((*DOCUMENT, "governance/documents/audit_summary", *SECTIONS, *PAGES)),
    "test_hooks": Code(
        (
            "evaluation/hooks",
            "evaluation/toxic",
            "evaluation/toxic.yaml",
            "evaluation/refusals",
            "privacy",
            "text",
            *PAGES,
        )
    ),
    "guard_report": Code(
        (
            "serving/guardrails",
            "evaluation/claims",
            "evaluation/citations",
            "evaluation/refusals",
            "evaluation/toxic",
            "evaluation/toxic.yaml",
            "evaluation/metrics",
            "evaluation/places",
            "evaluation/judges",
            "reasoning",
            "statistics",
            "text",
        )
    ),
    "monitoring_report": Code(
        (
            "governance/monitoring",
            "governance/costs",
            "evaluation/judges",
            "evaluation/claims",
            "evaluation/citations",
            "evaluation/refusals",
            "evaluation/metrics",
            "evaluation/places",
            "drift/tasks",
            "statistics",
            "text",
        )
    ),
    "outside_endpoints": Code(("governance/outside",)),
    "incidents": Code(("governance/incidents", "governance/people", *PAGES)),
}
