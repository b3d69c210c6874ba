"""The stakeholder map (RACI): who is concerned, what each of them does, and the owners, builders, approvers and
overseers that follow from it.

Belongs here: one stakeholder, and reading people out of the map. Does not belong here: what a person may decide
(`governance/release`), section `people` itself (`people.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from genaiops_assets.text import canonical_name
from genaiops_assets.use_case.base import Strict, Text

Activity = Literal[
    "scoping", "corpus", "knowledge", "alignment", "evaluation", "release", "monitoring", "oversight"
]  # the phases, and the oversight of the system in use (AI Act, Article 14)
Part = Literal["R", "A", "C", "I", "A/R"]  # responsible, accountable, consulted, informed
ACTIVITIES: tuple[str, ...] = get_args(Activity)
# list of section `people` → the activity and the letters that put somebody on it
READ_FROM = {"owners": ("scoping", "A"), "builders": ("alignment", "R"), "approvers": ("release", "A")}


def _tellable(name: str) -> str:
    canonical_name(name)
    return name.strip()


PersonName = Annotated[str, AfterValidator(_tellable)]


class Stakeholder(Strict):
    """A person or group that is concerned, and how. A group may oversee, but nobody can hold it to account."""

    name: PersonName
    kind: Literal["person", "group"] = "person"
    side: Literal["internal", "external"] = "internal"
    concern: Text = Field(default="", description="what they do with the system, or what it does to them")
    influence: Literal["low", "medium", "high"] = "medium"
    vulnerable: bool = Field(default=False, description="whether they need protection more than others")
    raci: dict[Activity, Part] = Field(default_factory=dict, description="activity: R, A, C, I or A/R")

    @model_validator(mode="after")
    def a_group_is_not_accountable(self) -> Stakeholder:
        wrong = [a for a in self.raci if self.kind == "group" and (self.has("A", a) or self.has("R", a))]
        wrong = [a for a in wrong if a != "oversight" or self.has("A", a)]
        if wrong:
            raise ValueError(f"{self.name} is a group: name the person who does or answers for {', '.join(wrong)}")
        return self

    def has(self, letter: str, activity: str) -> bool:
        return letter in self.raci.get(activity, "").split("/")  # type: ignore[call-overload]


def who(stakeholders: Iterable[Stakeholder], letter: str, activity: str) -> list[str]:
    """Names of those with this letter at an activity, in the order of the map."""
    return [one.name for one in stakeholders if one.has(letter, activity)]


def people_of(stakeholders: Iterable[Stakeholder]) -> dict[str, list[str]]:
    """{owners, builders, approvers} as the map says them. Raises ValueError naming the one that nobody is."""
    known = list(stakeholders)
    found = {name: who(known, letter, activity) for name, (activity, letter) in READ_FROM.items()}
    for name, people in found.items():
        activity, letter = READ_FROM[name]
        if not people:
            raise ValueError(f"nobody in stakeholders has {letter} for {activity}: these are the {name}")
    return found


def map_problems(stakeholders: Iterable[Stakeholder]) -> list[str]:
    """What is missing in a map, one line each: for every activity one accountable person and somebody who does it, for
    every stakeholder how they are concerned."""
    known = list(stakeholders)
    found = [f"{activity}: nobody is accountable (A)" for activity in ACTIVITIES if not who(known, "A", activity)]
    found += [f"{activity}: nobody does it (R)" for activity in ACTIVITIES if not who(known, "R", activity)]
    found += [f"{one.name}: concern is empty" for one in known if not one.concern.strip()]
    if not any(one.kind == "group" or one.side == "external" for one in known):
        found.append("nobody outside the team is named: who uses it, who is affected?")
    return found
