"""The deployer pack: what somebody who puts a version to use has to know and to do (AI Act, Articles 13, 26 and 50(4)).

Belongs here: its parts and its checks. Does not belong here: the duties themselves (`deployer_duties.yaml`), the log's
columns (asset `log_schema`), what one version was measured to do (`evaluation_summary.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.evidence import Evidence, claim, person_text
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, facts, form, listed, said, some, table
from genaiops_assets.governance.documents.operating.written import (
    CLASSIFICATION,
    Said,
    Written,
    parts_of,
    unsaid,
    version_of,
)
from genaiops_assets.use_case import UseCase

STOPPING = ("oversight_how", "stop")
GATE = ("id", "status", "value", "threshold", "reason")
LOG = ("column", "type", "attribute", "purpose")
TO_FILL = (
    *("deployer", "reporter", "happened_at", "what_happened", "affected", "harm", "serious", "answers"),
    *("still_running", "done_so_far", "attached"),
)


class DeployerPack(Written):
    """Instructions for use and duties of those who deploy."""

    name = "deployer_pack"
    article = "article-26"
    description = (
        "For those who put a version to use: what the law asks of them and where it is answered, instructions, human "
        "oversight and how to stop, input data, the log's columns, monitoring, retention, and a form to tell the "
        "provider. In English and Chinese."
    )
    reads = ("use_case_scope", "release_decision", "model_card", "log_schema", CLASSIFICATION)
    of_version = ("release_decision", "model_card", CLASSIFICATION)
    optional = (CLASSIFICATION,)
    both_languages = True
    sections = (
        *("instructions", "training", "oversight_how", "stop", "input_data", "monitoring", "log_retention"),
        *("informing_people", "public_interest_text", "deep_fakes"),
    )
    checks = (
        Check("stopping_is_described", "Who oversees, and how the system is stopped, is written down by a person."),
        Check("every_logged_column_has_a_purpose", "Each column of the log says what it is kept for."),
    )

    def further_settings(self, uc: UseCase) -> dict[str, Any]:
        return {"contact": uc.card.contact, "duties": duties()["checked_on"]}

    def more(self, uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
        return {**version_of(found["release_decision"]), "duties_from": duties()["source"]}

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        scope, decision = found["use_case_scope"], found["release_decision"]
        card, log = found["model_card"], found["log_schema"]
        limits = "/sections/caveats_and_recommendations/limitations/text"
        return [
            table("duties", ("duty", "article", "answered_in"), duty_rows()),
            listed("purpose", (claim(scope, f"/purpose/{name}") for name in ("summary", "intended_use"))),
            listed("for_whom", each(scope, "/purpose/intended_users")),
            listed("not_for", each(scope, "/purpose/out_of_scope")),
            said("instructions", said_by["instructions"]),
            said("training", said_by["training"]),
            facts("may_it_be_used", some(decision, {"verdict": "/verdict", "blocked_by": "/blocked_by"})),
            table("gates", GATE, each(decision, "/gates")),
            listed("limits", some(card, {"limitations": limits}).values()),
            listed("oversight", [claim(scope, "/purpose/human_oversight")]),
            table("overseers", ("name", "concern"), overseers(scope)),
            *(said(name, said_by[name]) for name in ("oversight_how", "stop", "input_data", "monitoring")),
            table("log", LOG, each(log, "/columns")),
            facts("log_kept", some(log, {"retention_days": "/retention_days", "masked": "/masked"})),
            *(said(name, said_by[name]) for name in ("log_retention", "informing_people")),
            *(said(name, said_by[name]) for name in ("public_interest_text", "deep_fakes")),
            form("report_form", {**dict.fromkeys(TO_FILL, ""), **known_of(uc, found)}),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        parts = parts_of(document)
        return {"duties": len(parts["duties"]["rows"]), "logged columns": len(parts["log"]["rows"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "stopping_is_described":
            without = [] if parts_of(document)["overseers"]["rows"] else ["nobody oversees: people.stakeholders"]
            return Finding([*unsaid(document, STOPPING), *without])
        rows = [row["value"] for row in parts_of(document)["log"]["rows"]]
        return Finding([row["column"] for row in rows if not row["purpose"]], {"columns": len(rows)})


def known_of(uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
    """What the form to the provider knows before it is filled in."""
    contact = person_text(uc.card.contact, "card.contact")
    return {
        "model_version": version_of(found["release_decision"])["model_version"],
        "provider": contact.get("text", ""),
    }


def overseers(scope: Evidence) -> list[dict[str, Any]]:
    """Those of the stakeholder map who oversee: R (does it) or A (answers for it)."""
    people = each(scope, "/people/stakeholders")
    return [made for made in people if set("RA") & set(made["value"].get("raci", {}).get("oversight", ""))]


def duty_rows() -> list[dict[str, Any]]:
    """A row a duty, in both languages, with the heading of the part that answers it."""
    return [
        {
            "id": duty["id"],
            "duty": {"en": duty["en"], "zh": duty["zh"]},
            "article": duty["article"],
            "answered_in": f"deployer_pack__{duty['part']}",
        }
        for duty in duties()["duties"]
    ]


@cache
def duties() -> dict[str, Any]:
    """What the law asks of deployers, with source and day of checking."""
    text = files("genaiops_assets.governance.documents.operating").joinpath("deployer_duties.yaml").read_text("utf-8")
    return yaml.safe_load(text)
