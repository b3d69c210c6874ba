"""The contract every requesting sensor keeps: a fact observed, at most one run requested for it, and the reason told
in numbers.

Belongs here: from an observed fact to a run request or the reason for none, and the cursor that tells people the
state. Does not belong here: what is observed (one module a sensor) or the rules
(`genaiops_assets.orchestration.requests`).

The runs themselves are the memory: a cursor that is lost or strange changes what is shown, never what is requested.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import dagster as dg

from genaiops_assets.orchestration.jobs import job_name
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.requests import Go, Limits, decide_request
from genaiops_assets.use_case import UseCase
from sensors.runs import CAUSE, PURPOSE, attempts

SCHEMA_VERSION = 1
REASON, REASON_LIMIT = "genaiops/reason", 200


@dataclass(frozen=True)
class Fact:
    """Something that calls for a run. `cause` names it: the same fact, the same cause; `numbers`: the reason a person
    reads."""

    cause: str
    numbers: str
    partition_key: str | None = None
    run_config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quiet:
    """Nothing to do, and why."""

    reason: str


@dataclass(frozen=True)
class Cursor:
    """What the last tick saw. `state`: quiet | unreadable | seen | requested | running | succeeded | failed."""

    cause: str
    state: str
    attempts: int
    since: str
    schema_version: int = SCHEMA_VERSION

    @staticmethod
    def read(text: str | None) -> Cursor | None:
        """None when there is none or it is not one of ours."""
        try:
            found = Cursor(**json.loads(text or ""))
        except (ValueError, TypeError):
            return None
        return found if found.schema_version == SCHEMA_VERSION else None

    def after(self, before: Cursor | None) -> str:
        """As JSON; `since` stays while nothing else changes."""
        same = before and (before.cause, before.state, before.attempts) == (self.cause, self.state, self.attempts)
        return json.dumps(asdict(before if same and before else self))


Observe = Callable[[dg.SensorEvaluationContext, Platform], Fact | Quiet]
Shows: TypeAlias = Callable[[Platform, Fact], dg.AssetMaterialization]  # what a request leaves in the asset graph


def requesting_sensor(
    uc: UseCase,
    name: str,
    *,
    job: str,
    purpose: str,
    limits: Limits,
    observe: Observe,
    every: int,
    description: str,
    shows: Shows | None = None,
) -> dg.SensorDefinition:
    """A sensor that requests `job` for what `observe` finds. Sensors with one purpose share cooldown, budget and the
    one run at a time. `shows`: the event of an external asset that says what was asked for and why."""

    @dg.sensor(
        name=f"{uc.name}__{name}",
        job_name=job_name(uc, job),
        minimum_interval_seconds=every,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    def watch(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult:
        show = (lambda fact: shows(platform, fact)) if shows else None
        return answer(context, f"{uc.name}:{purpose}", limits, lambda: observe(context, platform), show)

    return watch


def answer(
    context: dg.SensorEvaluationContext,
    purpose: str,
    limits: Limits,
    observe: Callable[[], Fact | Quiet],
    show: Callable[[Fact], dg.AssetMaterialization] | None = None,
) -> dg.SensorResult:
    """One run request, or the reason why there is none now."""
    before, at = Cursor.read(context.cursor), now()
    try:
        found = observe()
    except OSError as error:  # a disk or share that is away for a while is no reason to forget what was seen
        return dg.SensorResult(
            skip_reason=f"cannot look: {error}", cursor=Cursor("", "unreadable", 0, at.isoformat()).after(before)
        )
    if isinstance(found, Quiet):
        return dg.SensorResult(skip_reason=found.reason, cursor=Cursor("", "quiet", 0, at.isoformat()).after(before))
    history = attempts(context.instance, purpose, found.cause)
    decision = decide_request(found.cause, history, limits, at)
    tried = sum(a.cause == found.cause for a in history)
    cursor = Cursor(found.cause, decision.state, tried, at.isoformat()).after(before)
    if not isinstance(decision, Go):
        return dg.SensorResult(skip_reason=f"{found.numbers}. {decision.reason}", cursor=cursor)
    run = dg.RunRequest(
        run_key=decision.run_key,
        run_config=found.run_config,
        partition_key=found.partition_key,
        tags={PURPOSE: purpose, CAUSE: found.cause, REASON: found.numbers[:REASON_LIMIT]},
    )
    context.log.info(f"requested: {found.numbers} (attempt {decision.attempt})")
    return dg.SensorResult(run_requests=[run], cursor=cursor, asset_events=[show(found)] if show else [])


def now() -> datetime:
    return datetime.now(UTC)
