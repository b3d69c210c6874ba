"""Section `people` of the use case file: who owns, builds and approves, and who answers for each phase.

Belongs here: roles, and the people of a phase. Does not belong here: what a role may decide (`governance/release`).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from genaiops_assets.text import each_once, same_person
from genaiops_assets.use_case.base import Strict
from genaiops_assets.use_case.stakeholders import PersonName, Stakeholder, people_of, who

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


class People(Strict):
    """Named persons. Builders request, approvers decide; nobody approves what they built. With a stakeholder map,
    owners, builders and approvers are read from it and need not be written again."""

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
        default_factory=dict,
        description="public keys, OpenSSH or PEM; who has one here signs their records. genaiops keys add registers "
        "keys in the ledger instead",
    )
    require_signature: bool = Field(
        default=False,
        exclude_if=lambda stated: not stated,
        description="approvals, releases and revocations count only when signed with a registered key",
    )

    stakeholders: list[Stakeholder] = Field(
        default_factory=list,
        exclude_if=lambda stated: not stated,
        description="the stakeholder map (RACI); owners, builders and approvers are read from it",
    )

    @model_validator(mode="before")
    @classmethod
    def read_from_the_map(cls, stated: Any) -> Any:
        """Owners, builders and approvers of the map; lists that are written as well must say the same."""
        if (
            not isinstance(stated, dict)
            or not isinstance(stated.get("stakeholders"), list)
            or not stated["stakeholders"]
        ):
            return stated
        try:
            found = people_of(Stakeholder.model_validate(one) for one in stated["stakeholders"])
        except ValidationError:  # said field by field; the lists must not be called missing on top of it
            return {**{name: ["nobody"] for name in ("owners", "builders", "approvers")}, **stated}
        for name, people in found.items():
            if name in stated and stated[name] != people:
                raise ValueError(f"{name} differs from the stakeholder map ({', '.join(people)}): leave {name} out")
        return {**stated, **found}

    @model_validator(mode="after")
    def approvers_are_not_builders(self) -> People:
        for name in ("owners", "builders", "approvers"):
            if len(each_once(stated := getattr(self, name))) < len(stated):
                raise ValueError(f"{name}: one person stands there twice, in two spellings: {', '.join(stated)}")
        both = sorted({a for a in self.approvers for b in self.builders if same_person(a, b)})
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both builder and approver: four eyes need two persons")
        return self

    @property
    def oversight(self) -> list[str]:
        """Who oversees the system in use (AI Act, Article 14), accountable persons first; owners without a map."""
        named = [*who(self.stakeholders, "A", "oversight"), *who(self.stakeholders, "R", "oversight")]
        return each_once(named) or self.owners

    @property
    def everybody(self) -> list[str]:
        """All named persons, each once, as written first."""
        overseers = who(self.stakeholders, "A", "oversight")
        in_roles = [name for names in self.roles.values() for name in names]
        return each_once([*self.owners, *self.builders, *self.approvers, *overseers, *in_roles])

    def answering_for(self, phase: str) -> list[str]:
        """The people who answer for a phase: those in its roles, else by the map (A), else the owners."""
        named = [name for role in RESPONSIBLE.get(phase, ()) for name in self.roles.get(role, [])]
        named = named or who(self.stakeholders, "A", phase)
        return each_once(named) or self.owners
