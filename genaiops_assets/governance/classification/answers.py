"""What only people can say about a use case before the law: `dossier/regulatory_classification.yaml`.

Belongs here: the questions, the file's form, each answer with its reason or a named gap. Does not belong here: what
follows from an answer (`facts.py`), thresholds and duties (`rules/*.yaml`)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from genaiops_assets.evidence import placeholders
from genaiops_assets.use_case import PersonName, UseCase, UseCaseError, read_document

FILE = "dossier/regulatory_classification.yaml"
Role = Literal["original_provider", "downstream_modifier", "system_provider", "deployer"]
ROLES: tuple[Role, ...] = ("original_provider", "downstream_modifier", "system_provider", "deployer")
Condition = Literal["none", "a", "b", "c", "d"]


class Answer(BaseModel):
    """One answer and why it is right. An answer without a reason counts as none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    because: str = ""

    @property
    def is_reasoned(self) -> bool:
        return bool(self.because.strip()) and not placeholders(self.because)


class YesOrNo(Answer):
    value: bool


class Roles(Answer):
    value: list[Role] = Field(min_length=1)


class Amount(Answer):
    value: float = Field(ge=0, allow_inf_nan=False)
    unit: Literal["FLOP", "tokens", "users"]


class Day(Answer):
    value: date | None = Field(description="none: not placed on the market yet")


class Points(Answer):
    """Points of Annex III that the use falls under, as `4` or `5.b`; none where it falls under no point."""

    value: list[str]

    @field_validator("value")
    @classmethod
    def are_points_of_annex_III(cls, stated: list[str]) -> list[str]:
        for point in stated:
            number, _, letter = point.partition(".")
            if number not in map(str, range(1, 9)) or (letter and letter not in "abcde"):
                raise ValueError(f"{point!r} is no point of Annex III: it has the points 1 to 8, as 4 or 5.b")
        return stated


class Branch(Answer):
    """Art. 6(3): which condition takes a use of Annex III out of the high-risk class, a to d, or none."""

    value: Condition
    profiles_people: bool


class Licence(Answer):
    value: str = Field(min_length=2, description="SPDX id")


class Answers(BaseModel):
    """The answers of a use case. What is not answered is None, and the stricter branch is assumed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: Roles | None = None
    placed_on_union_market: YesOrNo | None = None
    first_placed_on: Day | None = None
    established_in_union: YesOrNo | None = None
    general_purpose: YesOrNo | None = None
    acts_for_original_provider: YesOrNo | None = None
    base_training_flop: Amount | None = None
    base_training_tokens: Amount | None = None
    base_is_systemic: YesOrNo | None = None
    further_training_flop: Amount | None = None
    designated_as_systemic: YesOrNo | None = None
    business_users_in_union: Amount | None = None
    end_users: Amount | None = None
    rebuttal: YesOrNo | None = None
    weights_are_public: YesOrNo | None = None
    model_information_is_public: YesOrNo | None = None
    release_licence: Licence | None = None
    is_monetised: YesOrNo | None = None
    prohibited_practice: YesOrNo | None = None
    annex_iii_use: Points | None = None
    article_6_3: Branch | None = None
    annex_i_product: YesOrNo | None = None
    talks_to_people: YesOrNo | None = None
    marking_exempt: YesOrNo | None = None
    informs_the_public: YesOrNo | None = None
    used_at_work: YesOrNo | None = None
    public_service: YesOrNo | None = None

    @model_validator(mode="after")
    def amounts_have_their_unit(self) -> Answers:
        for name, unit in UNITS.items():
            stated = getattr(self, name)
            if stated is not None and stated.unit != unit:
                raise ValueError(f"{name} is counted in {unit}, not in {stated.unit}")
        return self

    def said(self, name: str) -> Any:
        """The answer to a question, None where nobody gave one with a reason."""
        answer = getattr(self, name)
        return answer if answer is not None and answer.is_reasoned else None


UNITS = {
    "base_training_flop": "FLOP",
    "further_training_flop": "FLOP",
    "base_training_tokens": "tokens",
    "business_users_in_union": "users",
    "end_users": "users",
}
QUESTIONS = tuple(Answers.model_fields)


class Stated(BaseModel):
    """The whole file. `drafted_by_model`: a model wrote the answers; they count as none until somebody signs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    jurisdiction: str = "eu"
    author: PersonName | None = None
    written_on: date | None = None
    drafted_by_model: str = ""
    signed_by: PersonName | None = None
    signed_on: date | None = None
    answers: Answers = Field(default_factory=Answers)

    @model_validator(mode="after")
    def a_signature_has_a_day(self) -> Stated:
        if bool(self.signed_by) != bool(self.signed_on):
            raise ValueError("signed_by and signed_on belong together")
        return self

    @property
    def counted(self) -> Answers:
        """The answers that count: those of a named person."""
        drafted = self.drafted_by_model and not self.signed_by
        return Answers() if drafted or self.author is None else self.answers


def read_answers(uc: UseCase) -> Stated:
    """What people wrote; nothing where there is no file. Raises UseCaseError with file, line and field."""
    file = uc.path(FILE)
    if not file.exists():
        return Stated()
    read = read_document(file)
    try:
        return Stated.model_validate(read.data)
    except ValidationError as error:
        raise UseCaseError(
            read.problem(".".join(map(str, item["loc"])), str(item["msg"])) for item in error.errors()
        ) from None


def as_json(stated: Stated, needed: set[str]) -> dict[str, Any]:
    """{question: {"value", "because"}} of what was answered, and {"gap": True, "name"} of what is needed and was
    not."""
    found: dict[str, Any] = {}
    for name in QUESTIONS:
        answer = stated.counted.said(name)
        if answer is not None:
            found[name] = answer.model_dump(mode="json")
        elif name in needed:
            found[name] = {"gap": True, "name": f"{FILE}: answers.{name}"}
    return found
