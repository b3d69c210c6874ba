"""The scoping documents that only people can write, and their fields.

Belongs here: one class a document. Does not belong here: reading files, gaps and problems (`scoping.py`). Every text
may be empty, as in the templates of `genaiops init`: what is empty shows as a named gap, it is no mistake."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: Any) -> Any:
    return "" if value is None else value


def _listed(value: Any) -> Any:
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[list[str], BeforeValidator(_listed)]


class Part(BaseModel):
    """`MAY_BE_EMPTY`: fields that are no gap when nothing stands in them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    MAY_BE_EMPTY: ClassVar[tuple[str, ...]] = ()


class Written(Part):
    author: Text = ""
    written_on: date | None = None


class EthicalReview(Written):
    """The intended use, looked at by somebody who does not build it (SMACTR, ethical review of the use case)."""

    MAY_BE_EMPTY = ("conditions",)
    intended_use: Text = ""
    benefits: Text = ""
    concerns: Texts = Field(default_factory=list)
    conclusion: Literal["", "accepted", "accepted_with_conditions", "not_accepted"] = ""
    conditions: Texts = Field(default_factory=list)


class Tied(Part):
    """What must be measured or looked at: `metric` is gate:ID or eval_report#/POINTER; `manual` says what is looked at
    by hand, `by` whom."""

    MAY_BE_EMPTY = ("metric", "manual", "by")
    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    metric: Text = ""
    manual: Text = ""
    by: Text = ""


class Principle(Tied):
    principle: Text = ""


class Principles(Written):
    """What the system must hold to, and how the organisation's own values ask for it."""

    values: Text = ""
    principles: Annotated[list[Principle], BeforeValidator(_listed)] = Field(default_factory=list)


class Affected(Part):
    MAY_BE_EMPTY = ("vulnerable",)
    group: Text = ""
    benefit: Text = ""
    harm: Text = ""
    what_is_done: Text = ""
    vulnerable: bool = False


class SocialImpact(Written):
    """Who gains, who may be harmed, and what is done about it (SMACTR; ISO/IEC 42005)."""

    groups: Annotated[list[Affected], BeforeValidator(_listed)] = Field(default_factory=list)
    wider_effects: Text = ""


class Feasibility(Written):
    """Whether the task can be done this way, with these means (CRISP-ML(Q), feasibility)."""

    need: Text = ""
    why_this_way: Text = ""
    alternatives: Texts = Field(default_factory=list)
    data: Text = ""
    means: Text = ""
    limits: Text = ""
    conclusion: Literal["", "go_on", "stop"] = ""


class AcceptableError(Tied):
    error: Text = ""
    limit: Text = ""
    reason: Text = ""


class HumanReview(Part):
    when: Text = ""
    who: Text = ""
    how: Text = ""


class Thresholds(Written):
    """Which errors are acceptable, and when a person must look; agreed before anything is trained."""

    acceptable_errors: Annotated[list[AcceptableError], BeforeValidator(_listed)] = Field(default_factory=list)
    human_review: Annotated[list[HumanReview], BeforeValidator(_listed)] = Field(default_factory=list)


KINDS: dict[str, type[Written]] = {
    "ethical_review": EthicalReview,
    "principles": Principles,
    "social_impact": SocialImpact,
    "feasibility": Feasibility,
    "thresholds": Thresholds,
}
