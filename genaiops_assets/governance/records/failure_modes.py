"""What a risk of the register holds besides words: its class, how often and from what source, and how it can fail.

Belongs here: the fields of a failure mode and of the tests that look for it. Does not belong here: records as such
(`schema.py`), priorities, occurrences and what a test found (`governance/risk`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from genaiops_assets.use_case import RISK_CLASSES

RecordId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,60}$")]
Rating = Annotated[int, Field(ge=1, le=10)]
Source = Literal["assumed", "measured", "observed"]


def _known(name: str) -> str:
    if name not in RISK_CLASSES:
        raise ValueError(f"expected one of {', '.join(RISK_CLASSES)}")
    return name


RiskClass = Annotated[str, AfterValidator(_known)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RiskTest(Part):
    """What looks for a failure: exactly one of a suite, a gate, a class of the red team or an asset of the use case.

    `figure`: JSON pointer into the report to an interval {mean, low, high, n} in 0..1; `failures` says whether the
    figure itself counts failures (a toxicity rate) or the rest of it does (a share of right answers). A gate has its
    figure already and measures where `failures` is said; a mean score such as F1 is no share and measures nothing. A
    class of the red team measures its share of successes unless another figure is named. Otherwise the test says only
    that something was looked at."""

    suite: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    gate: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    red_team: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    asset: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    figure: str | None = Field(default=None, pattern=r"^/", exclude_if=lambda stated: stated is None)
    failures: Literal["figure", "rest"] | None = Field(default=None, exclude_if=lambda stated: stated is None)

    @model_validator(mode="after")
    def is_one_test(self) -> RiskTest:
        if sum(name is not None for name in (self.suite, self.gate, self.red_team, self.asset)) != 1:
            raise ValueError("expected exactly one of suite, gate, red_team and asset")
        if (self.figure and self.failures is None) or (self.failures and not (self.figure or self.gate)):
            raise ValueError("figure and failures belong together: which share of the figure fails?")
        if self.figure and not (self.suite or self.red_team):
            raise ValueError("figure belongs to a suite or to a class of the red team; a gate names its own")
        return self


class Ratings(Part):
    """Severity, occurrence, detection, 1..10 each; 10 is the worst, for detection: nobody would notice."""

    severity: Rating
    occurrence: Rating
    detection: Rating


class FailureMode(Ratings):
    """One way to fail (Raji et al. 2020; AIAG and VDA, FMEA handbook, 2019). `occurrence` is what the author assumes;
    measured figures replace it. `actions`: ids of mitigations; `gap`: why nothing tests it yet."""

    id: RecordId
    component: str = Field(min_length=2)
    mode: str = Field(min_length=6, description="what goes wrong")
    cause: str = Field(min_length=4)
    effect: str = Field(min_length=4)
    affected: str = Field(min_length=2, description="who bears it")
    controls: str = Field(min_length=2, description="what prevents or notices it today")
    tests: list[RiskTest] = Field(default_factory=list)
    gap: str | None = Field(default=None, min_length=6, exclude_if=lambda stated: stated is None)
    actions: list[RecordId] = Field(default_factory=list)
    after: Ratings | None = Field(
        default=None, exclude_if=lambda stated: stated is None, description="as the author expects it after the actions"
    )
