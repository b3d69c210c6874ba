"""Retraining: whether an observed fact justifies a new model plan now. Pure: facts in, decision out.

Belongs here: once per cause, cooldown, weekly budget, pause, attempts. Does not belong here: what was observed (drift, feedback) or Dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import Retraining


@dataclass(frozen=True)
class Attempt:
    """One requested run. `permanent`: it failed for a reason that a repetition cannot change."""

    cause: str
    at: datetime
    state: Literal["in_progress", "succeeded", "failed"]
    permanent: bool = False


@dataclass(frozen=True)
class Go:
    run_key: str
    attempt: int


@dataclass(frozen=True)
class Wait:
    reason: str


def decide_retraining(cause: str, history: Sequence[Attempt], settings: Retraining, now: datetime) -> Go | Wait:
    """`cause` names the observed fact (a day's drift, a batch of feedback); `history`: all retraining runs of the use case."""
    own = [a for a in history if a.cause == cause]
    if settings.paused:
        return Wait(f"retraining is paused (monitoring.retraining.paused); waiting cause: {cause}")
    if any(a.state == "succeeded" for a in own):
        return Wait(f"{cause} was answered already")
    if any(a.state == "in_progress" for a in history):
        return Wait("a retraining is in progress")
    if any(a.permanent for a in own):
        return Wait(f"{cause}: the run failed for a reason that repeating does not change; see the run")
    if len(own) >= settings.max_attempts:
        return Wait(f"{cause}: {len(own)} attempts failed, the limit is {settings.max_attempts}")
    if not own:
        done = [a for a in history if a.state == "succeeded"]
        week = [a for a in done if now - a.at < timedelta(days=7)]
        if len(week) >= settings.weekly_budget:
            return Wait(f"{len(week)} retrainings in seven days, the budget is {settings.weekly_budget}")
        last = max((a.at for a in done), default=None)
        if last and now - last < timedelta(hours=settings.cooldown_hours):
            hours = (now - last).total_seconds() / 3600
            return Wait(f"last retraining {hours:.1f} h ago, the cooldown is {settings.cooldown_hours:g} h")
    attempt = len(own) + 1
    return Go(f"{digest_of(cause)[:24]}-{attempt}", attempt)
