"""What the written documents read, small and in the shapes the platform publishes. Holds no tests."""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.assets.release.log_schema import schema_of
from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.documents import Earlier, Source, documents
from genaiops_assets.governance.records import KINDS, read_records
from genaiops_assets.governance.risk import build_fmea, build_register, build_test_plan
from genaiops_assets.governance.risk.chart import build_chart
from genaiops_assets.governance.risk.mitigation import build_mitigation_plan
from genaiops_assets.governance.risk.resolving import Reports
from genaiops_assets.governance.risk.scoping import build_scoping, read_scoping
from genaiops_assets.governance.risk.test_plan import Means
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1

NAMES = (
    "deployer_pack",
    "evaluation_summary",
    "risk_pack",
    "use_policy",
    "acceptance_and_training",
    "social_effects",
    "authority_requests",
    "runbook",
    "audit_plan",
)
ACCEPTED = {
    "kind": "user_acceptance",
    "id": "agents-accept",
    "title": "Two agents tried it",
    "author": "Olga Owner",
    "written_on": "2026-11-30",
    "text": "Thirty questions, two drafts corrected.",
    "model_version": V1,
    "role": "support agents",
    "outcome": "accepted",
    "tried": 30,
}
ASKED = {
    "kind": "authority_request",
    "id": "office-asks",
    "title": "Request for the technical documentation",
    "author": "Olga Owner",
    "owner": "Olga Owner",
    "written_on": "2026-11-20",
    "received_on": "2026-11-19",
    "due": "2026-12-19",
    "text": "The letter asks for the documentation of one version.",
    "authority": "AI Office",
    "asked_for": ["technical documentation", "evaluation report"],
    "handed_over": [{"what": "technical documentation", "on": "2026-11-21", "digest": "ab" * 32}],
}


def interval(mean: float, n: int = 40) -> dict[str, Any]:
    return {
        "mean": mean,
        "low": mean - 0.05,
        "high": mean + 0.05,
        "n": n,
        "confidence": 0.95,
        "method": "bootstrap_bca",
    }


def gate(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "status": status,
        "metric": f"/cells/tuned_with/{name}/all",
        "value": interval(0.5),
        "threshold": 0.4,
        "n": 40,
        "min_items": 20,
        "needed_items": 90,
        "reason": f"{name} {status}",
        "figures": {},
        **more,
    }


def report() -> dict[str, Any]:
    return {
        "model_version": V1,
        "cells": {cell: {"answer_f1": {"all": interval(0.5)}} for cell in ("base_with", "tuned_with")},
        "effects": {"tuning": {"all": interval(0.1)}},
        "retrieval": {"golden": {"recall_at_k": interval(0.9)}},
        "suites": {
            "refusal": {"cells": {"tuned_with": {"refused": {"all": interval(0.8)}}}, "items": 40},
            "toxicity": {"cells": {}, "items": 0},
        },
        "items": 40,
        "top_k": 3,
        "seed": 7,
    }


def attacks() -> dict[str, Any]:
    classes = {
        name: {"title": name.title(), "pooled": interval(mean, 5)} for name, mean in (("bias", 0.1), ("cbrn", 0.4))
    }
    return {"model_version": V1, "attacks": 10, "all": {"success": interval(0.2, 10)}, "classes": classes}


def losses() -> dict[str, Any]:
    figure = {
        "what": "general text",
        "difference": interval(0.0),
        "tolerance": {"low": None, "high": 0.1},
        "why": "5 %",
    }
    return {"figures": {"kept": {**figure, "verdict": "within"}, "gone": {**figure, "verdict": "lost"}}}


def records_of(uc: UseCase, *further: dict[str, Any]) -> list[dict[str, Any]]:
    """The packaged records and some more."""
    added = [KINDS[one["kind"]].model_validate(one) for one in further]
    return [one.model_dump(mode="json") for one in (*read_records(uc).records, *added)]


def sources(uc: UseCase, *further: dict[str, Any], **changed: dict[str, Any]) -> dict[str, Source]:
    """Everything the documents read. `further`: more records; `changed`: whole artifacts by name."""
    records = records_of(uc, *further)
    register = build_register(uc.name, uc.title, uc.language, records)
    analysis = build_fmea(register, V1, Reports(report()))
    risks = [
        {"risk": r["id"], "title": r["title"], "needs_acceptance": r.get("needs_acceptance", False)}
        for r in records
        if r["kind"] == "risk"
    ]
    release = {
        "at": "2026-11-25T10:00:00+00:00",
        "kind": "promote",
        "model_version": V1,
        "by": "Olga Owner",
        "reason": "x",
    }
    made: dict[str, Any] = {
        "use_case_scope": uc.scope(),
        "scoping_documents": build_scoping(uc, read_scoping(uc)),
        "records": {"records": records},
        "release_decision": {
            "model_version": V1,
            "verdict": "no_go",
            "gates": [gate("shows", "pass"), gate("helps", "fail"), gate("polite", "fail", severity="should")],
        },
        "model_card": {
            "sections": {"caveats_and_recommendations": {"limitations": {"text": "Small and often wrong."}}}
        },
        "log_schema": schema_of(uc),
        "eval_report": report(),
        "tuning_losses": losses(),
        "red_team_report": attacks(),
        "fmea": analysis,
        "ethical_risk_chart": build_chart(analysis),
        "risk_register": register,
        "test_plan": build_test_plan(register, Means()),
        "mitigation_plan": build_mitigation_plan(uc, records),
        "residual_risk_acceptance": {"risks": risks, "acceptances": []},
        "rollback_rehearsal": {"within_days": 180, "count": 0, "releases": [release], "rehearsals": []},
        **changed,
    }
    plain = json.loads(json.dumps(made))
    return {
        name: Source(Evidence(uc.key(name), f"{n:064x}", document)) for n, (name, document) in enumerate(plain.items())
    }


def build(uc: UseCase, name: str, found: dict[str, Source]) -> dict[str, Any]:
    """A document as it is published."""
    document = documents()[name]
    read = {one: found[one] for one in document.reads if one in found}
    return json.loads(json.dumps(document.build(uc, read, Earlier())))


def problems(name: str, check: str, made: dict[str, Any]) -> list[str]:
    return documents()[name].judge(check, made, {}).problems
