"""Section `monitoring.slos` of the use case file: the service levels that a use case promises, each left out at will.

Belongs here: those fields. Does not belong here: measuring them (`governance/monitoring`)."""

from __future__ import annotations

from pydantic import Field

from genaiops_assets.use_case.base import Strict


class Slos(Strict):
    seconds_p95: float | None = Field(default=None, gt=0, description="that 95 of 100 answers take at most")
    error_rate: float | None = Field(default=None, gt=0, lt=1, description="of answers that may fail")
    intervention_rate: float | None = Field(default=None, gt=0, lt=1, description="that a rule may change or hold back")
    thumbs_down_rate: float | None = Field(default=None, gt=0, lt=1, description="of rated answers")
    cost_per_1000: float | None = Field(default=None, gt=0, description="in the currency of `prices`, of 1,000 answers")
    watt_hours_per_1000: float | None = Field(default=None, gt=0, description="estimated from `watts`")
    quality: float | None = Field(default=None, gt=0, lt=1, description="that the answers reach at least")
    watts: float = Field(default=0, ge=0, description="the machine draws while it answers; 0: no energy is estimated")
    judged_sample: int = Field(default=200, ge=10, description="answers of a day that are judged at most")
    case_within_days: int = Field(default=7, ge=1, description="after a level was missed, for its owner to find why")
