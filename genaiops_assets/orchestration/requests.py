"""Requests: whether an observed fact justifies a run now. Pure: facts in, decision out; the same rules for every
sensor.

Belongs here: once per cause, one at a time, attempts with back-off, cooldown, weekly budget, pause, dry run. Does not
belong here: what was observed (drift, feedback, files) or Dagster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import Retraining, Sensors

WEEK = timedelta(days=7)
State = Literal["seen", "requested", "running", "succeeded", "failed"]


@dataclass(frozen=True)
class Attempt:
    """One requested run. `permanent`: it failed for a reason that a repetition cannot change."""

    cause: str
    at: datetime
    state: Literal["in_progress", "succeeded", "failed"]
    permanent: bool = False


@dataclass(frozen=True)
class Limits:
    """When an observed fact may start a run. `what` names it in the reasons: "a retraining"."""

    what: str
    max_attempts: int = 3
    backoff: timedelta = timedelta(0)  # after the first failure; twice as long after each further one
    cooldown: timedelta = timedelta(0)
    weekly_budget: int | None = None
    paused_by: str = ""  # the switch that stops it, as it is called in the use case file
    dry_run: bool = False


@dataclass(frozen=True)
class Go:
    run_key: str
    attempt: int
    state: State = "requested"


@dataclass(frozen=True)
class Wait:
    reason: str
    state: State = "seen"


def limits_of(what: str, sensors: Sensors, retraining: Retraining | None = None) -> Limits:
    """The limits of one use case; those of `retraining` on top for what trains a model."""
    backoff = timedelta(minutes=sensors.backoff_minutes)
    paused = "monitoring.sensors.paused" if sensors.paused else ""
    limits = Limits(what, sensors.max_attempts, backoff, paused_by=paused, dry_run=sensors.dry_run)
    if retraining is None:
        return limits
    return replace(
        limits,
        cooldown=timedelta(hours=retraining.cooldown_hours),
        weekly_budget=retraining.weekly_budget,
        paused_by=paused or ("monitoring.retraining.paused" if retraining.paused else ""),
    )


def decide_request(cause: str, history: Sequence[Attempt], limits: Limits, now: datetime) -> Go | Wait:
    """`cause` names the observed fact (a state of the inbox, a day's drift); `history`: the runs with the same purpose.

    A cause is answered once; one run of a purpose at a time; a failed attempt is repeated under a new key after the
    back-off, up to the limit, unless repeating cannot change it. Cooldown and budget hold for the first attempt of a
    cause and count what succeeded. A run dated after `now` (the clock was set back) counts as just made: better late
    than twice."""
    own = [a for a in history if a.cause == cause]
    if any(a.state == "succeeded" for a in own):
        return Wait(f"{cause} was answered already", "succeeded")
    if any(a.state == "in_progress" for a in history):
        return Wait(
            f"{limits.what} is in progress", "running" if any(a.state == "in_progress" for a in own) else "seen"
        )
    if any(a.permanent for a in own):
        return Wait(f"{cause}: the run failed for a reason that repeating does not change; see the run", "failed")
    if len(own) >= limits.max_attempts:
        return Wait(f"{cause}: {len(own)} attempts failed, the limit is {limits.max_attempts}", "failed")
    if limits.paused_by:
        return Wait(f"paused ({limits.paused_by}); waiting cause: {cause}")
    why = _too_soon_after_failure(own, limits, now) if own else _too_soon_after_success(history, limits, now)
    if why:
        return Wait(why, "failed" if own else "seen")
    attempt = len(own) + 1
    if limits.dry_run:
        return Wait(f"dry run (monitoring.sensors.dry_run): would request {limits.what}, attempt {attempt} for {cause}")
    return Go(f"{digest_of(cause)[:24]}-{attempt}", attempt)


def _too_soon_after_failure(own: Sequence[Attempt], limits: Limits, now: datetime) -> str | None:
    wait = limits.backoff * 2 ** (len(own) - 1)
    age = _age(max(a.at for a in own), now)
    if age >= wait:
        return None
    left = (wait - age).total_seconds()
    return f"attempt {len(own)} of {limits.max_attempts} failed; the next one in {left:.0f} s"


def _too_soon_after_success(history: Sequence[Attempt], limits: Limits, now: datetime) -> str | None:
    done = [_age(a.at, now) for a in history if a.state == "succeeded"]
    week = [age for age in done if age < WEEK]
    if limits.weekly_budget is not None and len(week) >= limits.weekly_budget:
        return f"{len(week)} runs in seven days, the budget is {limits.weekly_budget}"
    if done and min(done) < limits.cooldown:
        hours, cooldown = (d.total_seconds() / 3600 for d in (min(done), limits.cooldown))
        return f"last run {hours:.1f} h ago, the cooldown is {cooldown:g} h"
    return None


def _age(at: datetime, now: datetime) -> timedelta:
    return max(now - at, timedelta(0))
