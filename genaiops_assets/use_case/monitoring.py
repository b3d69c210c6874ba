"""The section of the use case file on monitoring: retention, when a day counts as drifted, how sensors and retrainings
are held back.

Belongs here: those fields, their meaning and their defaults. Does not belong here: the rest of the file
(`schema.py`), or what acts on the fields."""

from __future__ import annotations

from pydantic import Field

from genaiops_assets.use_case.base import Strict
from genaiops_assets.use_case.slos import Slos


class Drift(Strict):
    min_interactions: int = Field(default=30, ge=10)
    alpha: float = Field(
        default=0.05, gt=0, lt=0.5, description="chance of any false alarm among `windows` measurements, at most"
    )
    windows: int = Field(
        default=100,
        ge=1,
        le=1000,
        description="measurements against one reference that alpha is spent on, evenly; a day measured again counts "
        "again",
    )
    min_effect: float = Field(
        default=0.05, ge=0, le=1, description="share of the questions on new or grown topics that is worth acting on"
    )
    permutations: int = Field(
        default=1000, ge=100, description="at least; more are drawn where so small a level needs them"
    )


class Alerts(Strict):
    factor: float = Field(default=2, gt=1, description="times the median of the days before that is a jump")
    days: int = Field(default=14, ge=2, le=90, description="days before that a day is compared with")
    min_days: int = Field(default=5, ge=2, description="of them with that figure; before, nothing is compared")
    min_rise: float = Field(default=0.05, gt=0, le=1, description="of a share, in parts of one")
    min_interactions: int = Field(default=30, ge=10, description="fewer in a day are not compared")


class Retraining(Strict):
    cooldown_hours: float = Field(default=24, ge=0)
    weekly_budget: int = Field(default=2, ge=0)
    paused: bool = False
    min_feedback: int = Field(default=10, ge=1, description="new feedback rows that justify a new model plan")


class Sensors(Strict):
    max_attempts: int = Field(default=3, ge=1, description="for one observed fact")
    backoff_minutes: float = Field(
        default=1, ge=0, description="after the first failed attempt; doubled after each further one"
    )
    freshness_hours: float = Field(default=30, ge=1, description="age of the index that makes it overdue")
    paused: bool = False
    dry_run: bool = False


class Audit(Strict):
    finding_within_days: int = Field(default=14, ge=1, description="after the review or incident that showed it")
    post_mortem_within_days: int = Field(default=10, ge=1, description="after a grave incident became known")
    new_topics_share: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="of a day's questions on topics that the index knows nothing of: a wider use",
    )


class Monitoring(Strict):
    retention_days: int = Field(default=90, gt=0)
    review_within_days: int = Field(
        default=38, ge=1, description="after the last internal review; a monthly one is a week late then"
    )
    rehearse_rollback_within_days: int = Field(
        default=180,
        ge=1,
        exclude_if=lambda days: days == 180,
        description="after the last rehearsed rollback; then the next one is due (genaiops rehearse-rollback)",
    )
    drift: Drift = Drift()
    alerts: Alerts = Alerts()
    sensors: Sensors = Sensors()
    retraining: Retraining = Retraining()
    slos: Slos = Field(
        default=Slos(),
        exclude_if=lambda stated: stated == Slos(),
        description="service levels of a day's answers; none is promised when left out",
    )
    audit: Audit = Field(default=Audit(), exclude_if=lambda stated: stated == Audit())
