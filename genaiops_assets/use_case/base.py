"""What every section of the use case file shares: the strict base class and common field types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from genaiops_assets.lake import stated_secret

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


Language = Literal["en", "zh"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _text_or_nothing(value: Any) -> Any:
    return "" if value is None else value


def _without_secret(value: str) -> str:
    if part := stated_secret(value):
        raise ValueError(
            f"a secret may stand in the {part} of the reference; put it into an environment variable and write "
            f"{{NAME}} "
            "in its place"
        )
    return value


Ref = Annotated[str, AfterValidator(_without_secret)]  # published, so it holds no secret


Text = Annotated[str, BeforeValidator(_text_or_nothing)]


IsoDate = Annotated[str, StringConstraints(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")]
