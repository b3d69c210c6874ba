"""Section `people` of the use case file: who owns, builds and approves, and who answers for each phase.

Belongs here: roles, and the people of a phase. Does not belong here: what a role may decide (`governance/release`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from genaiops_assets.text import canonical_name, same_person
from genaiops_assets.use_case.base import Strict

Role = Literal[
    "business_lead",
    "ai_expert",
    "data_scientist",
    "ethics_and_compliance",
    "it_operations",
    "data_owner",
    "legal",
    "on_call",
]
# Who answers for a phase unless the file names nobody in these roles; then the owners do. The first five are the usual
# team of a generative AI project; data owner, legal and on-call are added.
RESPONSIBLE: dict[str, tuple[Role, ...]] = {
    "scoping": ("business_lead", "legal"),
    "corpus": ("data_owner", "data_scientist"),
    "knowledge": ("data_scientist", "ai_expert"),
    "alignment": ("ai_expert", "data_scientist"),
    "evaluation": ("ai_expert", "ethics_and_compliance"),
    "release": ("ethics_and_compliance", "business_lead"),
    "monitoring": ("it_operations", "on_call"),
}


def _tellable(name: str) -> str:
    canonical_name(name)
    return name.strip()


PersonName = Annotated[str, AfterValidator(_tellable)]


class People(Strict):
    """Named persons. Builders request, approvers decide; nobody approves what they built."""

    owners: list[PersonName] = Field(min_length=1)
    builders: list[PersonName] = Field(min_length=1)
    approvers: list[PersonName] = Field(min_length=1)
    # Not part of what is dumped: how a name is proved changes no artifact.
    decisions: Literal["cli", "ui_with_code", "ui_signed_in"] = Field(
        default="cli",
        exclude=True,
        description="where people decide, release and erase: at the command line alone, also in the UI with a one-time "
        "code, or also in the UI as who signed in at the reverse proxy",
    )
    roles: dict[Role, list[PersonName]] = Field(
        default_factory=dict, description="who answers for which part of the work; owners do where nobody is named"
    )

    keys: dict[PersonName, str] = Field(
        default_factory=dict, description="SSH public keys; who has one here signs their records"
    )

    @model_validator(mode="after")
    def approvers_are_not_builders(self) -> People:
        both = sorted({a for a in self.approvers for b in self.builders if same_person(a, b)})
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both builder and approver: four eyes need two persons")
        return self

    @property
    def everybody(self) -> list[str]:
        """All named persons, each once, as written first."""
        found: list[str] = []
        for name in (
            *self.owners,
            *self.builders,
            *self.approvers,
            *(n for names in self.roles.values() for n in names),
        ):
            if not any(same_person(name, known) for known in found):
                found.append(name)
        return found

    def answering_for(self, phase: str) -> list[str]:
        """The people who answer for a phase: those in its roles, else the owners."""
        named = [name for role in RESPONSIBLE.get(phase, ()) for name in self.roles.get(role, [])]
        return list(dict.fromkeys(named)) or self.owners
