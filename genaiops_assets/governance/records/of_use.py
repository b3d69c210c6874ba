"""Kinds of records about an application in use: who accepted it, who was trained, what an authority asked for, which
audits are planned.

Belongs here: their fields. Does not belong here: what every record holds (`schema.py`), documents that list them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from genaiops_assets.governance.records.schema import Record
from genaiops_assets.use_case import PersonName


class UserAcceptance(Record):
    """Somebody who works with the application tried a version and says whether they will work with it."""

    kind: Literal["user_acceptance"]
    model_version: str = Field(pattern=r"^mv-[0-9a-f]{12}$", description="the version that was tried")
    role: str = Field(min_length=2, description="for whom the author speaks, as in the stakeholder map")
    outcome: Literal["accepted", "accepted_with_conditions", "not_accepted"]
    tried: int = Field(ge=1, description="questions or cases that were worked through")


class Training(Record):
    """People were trained to work with the application (AI Act, Articles 4 and 26(2)). `model_version`: "" where the
    training is about the application whatever the version."""

    kind: Literal["training"]
    held_on: date
    trained: list[PersonName] = Field(min_length=1, description="by name or by group of the stakeholder map")
    model_version: str = Field(default="", pattern=r"^(mv-[0-9a-f]{12})?$")
    material: str = Field(min_length=3, description="what was taught from")
    hours: float = Field(gt=0)


class HandedOver(BaseModel):
    """One thing an authority was given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str = Field(min_length=2)
    on: date
    digest: str = Field(default="", description="of the artifact or file, where it has one")


class AuthorityRequest(Record):
    """An authority asked for documents, information or access (AI Act, Article 91): what, until when, and what it
    got. `done_on`: the day all of it was handed over or refused with a reason in `text`."""

    kind: Literal["authority_request"]
    authority: str = Field(min_length=2)
    received_on: date
    asked_for: list[str] = Field(min_length=1)
    handed_over: list[HandedOver] = Field(default_factory=list)
    owner: PersonName
    due: date

    @model_validator(mode="after")
    def is_answered_after_it_came(self) -> AuthorityRequest:
        early = [one.what for one in self.handed_over if one.on < self.received_on]
        if early:
            raise ValueError(f"handed_over: {', '.join(early)} went out before the request came ({self.received_on})")
        if self.due < self.received_on:
            raise ValueError(f"due ({self.due}) lies before received_on ({self.received_on})")
        return self


class PlannedAudit(Record):
    """An audit that comes round: of what, how often, by whom, and when next (`due`). `carried_by`: the asset whose
    schedule carries it out, which then says when; "" where people do."""

    kind: Literal["planned_audit"]
    scope: list[str] = Field(min_length=1, description="what is looked at")
    every: Literal["month", "quarter", "half_year", "year"]
    owner: PersonName
    carried_by: Literal["", "internal_review"] = ""

    @model_validator(mode="after")
    def somebody_says_when(self) -> PlannedAudit:
        if self.due is None and not self.carried_by:
            raise ValueError("due is missing: an audit that people carry out has a next day")
        return self


OF_USE: dict[str, type[Record]] = {
    "user_acceptance": UserAcceptance,
    "training": Training,
    "authority_request": AuthorityRequest,
    "planned_audit": PlannedAudit,
}
