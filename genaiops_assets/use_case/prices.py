"""Section `prices` of the use case file: what tokens and machines cost, where the figures are from and of which day.

Belongs here: those fields. Does not belong here: what anything cost (`governance/costs.py`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from genaiops_assets.use_case.base import IsoDate, Strict

Price = Annotated[float, Field(ge=0)]


class Prices(Strict):
    """A price list; what it does not name costs nothing."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(description="ISO 4217: EUR, USD, CNY")
    as_of: IsoDate = Field(min_length=10, description="the day of these prices")
    source: str = Field(min_length=3, description="where they are from: a price page, a contract, an estimate")
    machine_hour: Price = Field(default=0, description="an hour of the machine that runs the platform")
    input_per_1000_tokens: Price = Field(default=0, description="where a provider charges for what its model reads")
    output_per_1000_tokens: Price = Field(default=0, description="and for what it writes")

    def of_seconds(self, seconds: float) -> float:
        return seconds / 3600 * self.machine_hour

    def of_tokens(self, read: float, written: float) -> float:
        return (read * self.input_per_1000_tokens + written * self.output_per_1000_tokens) / 1000
