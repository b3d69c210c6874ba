"""Effects on the people who work with the application, beside those on society.

Belongs here: its parts, from the social impact assessment and from sections. Does not belong here: the assessment
itself (`scoping/social_impact.yaml`), risks and their mitigations (`risk_pack.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, listed, said, table
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, Said, Written, parts_of, unsaid
from genaiops_assets.governance.people import listed_as
from genaiops_assets.use_case import UseCase

GROUP = ("group", "benefit", "harm", "what_is_done")
IMPACT = "/documents/social_impact"


class SocialEffects(Written):
    """Employees and society."""

    name = "social_effects"
    article = "article-26"
    description = (
        "What the application does to those who work with it (tasks, skills, how closely they are watched, who was "
        "asked) and to society, group by group."
    )
    reads = ("scoping_documents", CLASSIFICATION)
    of_newest = (CLASSIFICATION,)
    optional = (CLASSIFICATION,)
    sections = ("work", "skills", "watching_employees", "who_was_asked", "society")
    checks = (
        Check("employees_are_considered", "A group that works with it is assessed, and employees' questions answered."),
        Check("every_harm_has_an_answer", "For each harm it is written down what is done about it."),
    )

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        employees, society = groups_of(found["scoping_documents"])
        wider = f"{IMPACT}/wider_effects"
        stated = has(found["scoping_documents"], wider)
        return [
            table("employees", GROUP, employees),
            *(said(name, said_by[name]) for name in ("work", "skills", "watching_employees", "who_was_asked")),
            table("groups", GROUP, society),
            listed("wider", [claim(found["scoping_documents"], wider)] if stated else []),
            said("society", said_by["society"]),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        parts = parts_of(document)
        return {"groups at work": len(parts["employees"]["rows"]), "other groups": len(parts["groups"]["rows"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        parts = parts_of(document)
        if check == "employees_are_considered":
            nobody = "scoping/social_impact.yaml names no group that works with it (people.stakeholders, side internal)"
            missing = [] if parts["employees"]["rows"] else [nobody]
            return Finding([*missing, *unsaid(document, ("work", "watching_employees", "who_was_asked"))])
        rows = [row["value"] for name in ("employees", "groups") for row in parts[name]["rows"]]
        open_harms = [row["group"] for row in rows if says(row["harm"]) and not says(row["what_is_done"])]
        return Finding([f"{group}: nothing is done about the harm" for group in open_harms], {"groups": len(rows)})


def groups_of(scoping: Evidence) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The groups of the assessment: those who work with it by the stakeholder map, and all others."""
    inside = [one["name"] for one in scoping.document["stakeholders"] if one["side"] == "internal"]
    stated = resolve_groups(scoping)
    employees = [made for made in stated if says(group := made["value"]["group"]) and listed_as(inside, group)]
    return employees, [made for made in stated if made not in employees]


def resolve_groups(scoping: Evidence) -> list[dict[str, Any]]:
    """Each group as a claim; none where the assessment is a gap."""
    found = scoping.document["documents"].get("social_impact", {}).get("groups")
    return each(scoping, f"{IMPACT}/groups") if isinstance(found, list) else []


def says(text: Any) -> bool:
    """Whether somebody wrote something there."""
    return isinstance(text, str) and bool(text.strip())
