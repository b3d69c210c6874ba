"""The kinds of human records and their fields.

Belongs here: one class a kind. Does not belong here: files, signatures, time.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from genaiops_assets.governance.records.failure_modes import FailureMode, Rating, RecordId, RiskClass, Source
from genaiops_assets.governance.records.incident_fields import Attempt, FailureModeName, Harm, ReportField
from genaiops_assets.use_case import PersonName

PLAIN_SCALE = 5  # of a risk without a class


class Record(BaseModel):
    """What every record holds. A record is done when `done_on` is given; until then it may fall due or expire."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: RecordId
    title: str = Field(min_length=3)
    author: PersonName
    written_on: date
    text: str = Field(min_length=10, description="in the author's words")
    owner: PersonName | None = Field(default=None, description="who sees to it")
    due: date | None = Field(default=None, description="the day by which it must be done")
    expires: date | None = Field(default=None, description="the last day on which it holds")
    done_on: date | None = Field(default=None, description="the day it was done or closed")
    bound: dict[str, str] = Field(
        default_factory=dict, description="what the author had before them: asset → first digits of its digest"
    )
    about: list[RecordId] = Field(default_factory=list, description="ids of records this one answers")

    @model_validator(mode="after")
    def dates_follow_each_other(self) -> Record:
        for name in ("due", "expires", "done_on"):
            day = getattr(self, name)
            if day is not None and day < self.written_on:
                raise ValueError(f"{name} ({day}) lies before written_on ({self.written_on})")
        if self.due and self.owner is None:
            raise ValueError("what is due needs an owner")
        return self


class Review(Record):
    """Somebody looked at something and says how it is."""

    kind: Literal["review"]
    outcome: Literal["accepted", "accepted_with_conditions", "not_accepted"]


class Risk(Record):
    """What may go wrong, how likely and how badly (ISO 31000; AI Act, Article 9(2)). With a `risk_class` it belongs to
    the register and is rated from 1 to 10, likelihood and severity both; without one from 1 to 5."""

    kind: Literal["risk"]
    likelihood: Rating
    severity: Rating
    owner: PersonName
    risk_class: RiskClass | None = Field(
        default=None, exclude_if=lambda stated: stated is None, description="one of the twelve classes of NIST AI 600-1"
    )
    source: Source | None = Field(
        default=None, exclude_if=lambda stated: stated is None, description="where the likelihood comes from"
    )
    evidence: str | None = Field(
        default=None, exclude_if=lambda stated: stated is None, description="what was measured or observed, and where"
    )
    failure_modes: list[FailureMode] = Field(default_factory=list, exclude_if=lambda stated: not stated)
    needs_acceptance: bool = Field(
        default=False,
        exclude_if=lambda stated: not stated,
        description="no release while nobody accepted what is left of this risk",
    )

    @model_validator(mode="after")
    def is_rated_on_its_scale(self) -> Risk:
        if self.risk_class is None:
            for name in ("likelihood", "severity"):
                if getattr(self, name) > PLAIN_SCALE:
                    raise ValueError(f"{name}: a risk without risk_class is rated from 1 to {PLAIN_SCALE}")
            if self.failure_modes:
                raise ValueError("failure_modes belong to a risk with a risk_class")
            return self
        if self.source is None:
            raise ValueError("source is missing: is the likelihood assumed, measured or observed?")
        if self.source != "assumed" and not self.evidence:
            raise ValueError(f"evidence is missing: what was {self.source}, and where?")
        ids = [mode.id for mode in self.failure_modes]
        if len(ids) != len(set(ids)):
            raise ValueError("each failure mode needs an id of its own")
        return self


class Mitigation(Record):
    """What is done about a risk. `done_on` without `verified_by` is done by its author's word alone."""

    kind: Literal["mitigation"]
    strategy: Literal["avoid", "reduce", "transfer", "accept"] = Field(
        default="reduce", exclude_if=lambda stated: stated == "reduce", description="ISO 31000, 6.5.2"
    )
    verified_by: str = Field(
        default="",
        exclude_if=lambda stated: not stated,
        description="what shows that it works: gate:ID or ASSET#/POINTER",
    )
    owner: PersonName
    due: date
    about: list[RecordId] = Field(min_length=1)


class Acceptance(Record):
    """Yes to a residual risk, until a day (AI Act, Article 9(5))."""

    kind: Literal["acceptance"]
    expires: date
    about: list[RecordId] = Field(min_length=1)
    overrides: list[str] = Field(
        default_factory=list,
        exclude_if=lambda stated: not stated,
        description="gates that were not shown (undecided, or should have passed) and that this accepts",
    )


class Minutes(Record):
    """What was said and decided in a meeting."""

    kind: Literal["minutes"]
    present: list[PersonName] = Field(min_length=1)


class Incident(Record):
    """What went wrong in use, or nearly did (AI Act, Article 3(49) says which incidents are serious). `aware_at`: when
    the house learned that the system was involved; legal clocks start there, and at the beginning of `happened_on`
    while it is not stated."""

    kind: Literal["incident"]
    happened_on: date
    severity: Literal["near_miss", "minor", "major", "serious"]
    owner: PersonName
    aware_at: AwareDatetime | None = Field(default=None, exclude_if=lambda stated: stated is None)
    harms: list[Harm] = Field(default_factory=list, exclude_if=lambda stated: not stated)
    failure_modes: list[FailureModeName] = Field(
        default_factory=list, exclude_if=lambda stated: not stated, description="RISK/FAILURE_MODE of the register"
    )
    model_version: str = Field(default="", exclude_if=lambda stated: not stated)
    report: dict[ReportField, str] = Field(
        default_factory=dict, exclude_if=lambda stated: not stated, description="for a serious-incident report"
    )
    attempt: Attempt | None = Field(default=None, exclude_if=lambda stated: stated is None)

    @model_validator(mode="after")
    def was_known_after_it_happened(self) -> Incident:
        if self.aware_at is not None and self.aware_at.date() < self.happened_on:
            raise ValueError(f"aware_at ({self.aware_at}) lies before happened_on ({self.happened_on})")
        return self


class Finding(Record):
    """What an audit found and somebody has to see to; closed by `done_on` with what was done in `answer`."""

    kind: Literal["finding"]
    severity: Literal["note", "serious"]
    owner: PersonName
    due: date
    answer: str = Field(default="", exclude_if=lambda stated: not stated)

    @model_validator(mode="after")
    def is_closed_with_an_answer(self) -> Finding:
        if self.done_on is not None and not self.answer.strip():
            raise ValueError("answer is missing: what was done about it?")
        return self


class PostMortem(Record):
    """What happened in an incident or a rollback, why, and what is done so that it does not again. `incidents`: ids of
    the incident log; `actions`: mitigations; without one `no_action` says why."""

    kind: Literal["post_mortem"]
    incidents: list[str] = Field(min_length=1)
    root_cause: str = Field(min_length=10)
    went_well: str = Field(default="", exclude_if=lambda stated: not stated)
    actions: list[RecordId] = Field(default_factory=list, exclude_if=lambda stated: not stated)
    no_action: str | None = Field(default=None, min_length=10, exclude_if=lambda stated: stated is None)

    @model_validator(mode="after")
    def leads_to_something(self) -> PostMortem:
        if bool(self.actions) == bool(self.no_action):
            raise ValueError("expected either actions or no_action, which says why nothing is done")
        return self


class Mandate(Record):
    """Who may act for whom, until when (AI Act, Article 22 for authorised representatives)."""

    kind: Literal["mandate"]
    holder: PersonName
    expires: date


KINDS: dict[str, type[Record]] = {
    "review": Review,
    "risk": Risk,
    "mitigation": Mitigation,
    "acceptance": Acceptance,
    "minutes": Minutes,
    "incident": Incident,
    "finding": Finding,
    "post_mortem": PostMortem,
    "mandate": Mandate,
}
