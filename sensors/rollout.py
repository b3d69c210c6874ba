"""A rollout that goes on: when new pairs of answers decide something, its step is taken; its report follows.

Belongs here: whether there is something to do. Does not belong here: the tests and the steps (`governance/rollout`)."""

from __future__ import annotations

import dagster as dg

from genaiops_assets.governance.release import production_release
from genaiops_assets.governance.rollout import pairs_of, rollout_of, standing_of
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.orchestration.requests import limits_of
from genaiops_assets.orchestration.rollout_job import STEP
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Quiet, requesting_sensor

EVERY = 30  # seconds
NAME = "rollout_report"


def rollout_step_sensor(uc: UseCase) -> dg.SensorDefinition:
    return requesting_sensor(
        uc,
        "rollout_decided",
        job=STEP,
        purpose=STEP,
        limits=limits_of("a step of a rollout", uc.monitoring.sensors),
        observe=lambda _, platform: decided(platform.lake, uc),
        every=EVERY,
        description="A candidate in shadow or canary of which enough was shown: requests the step that follows.",
    )


def rollout_report_sensor(uc: UseCase) -> dg.SensorDefinition:
    return requesting_sensor(
        uc,
        "rollout_moved",
        job="rollout",
        purpose="rollout",
        limits=limits_of("a report on the rollout", uc.monitoring.sensors),
        observe=lambda _, platform: new_pairs(platform.lake, uc),
        every=EVERY,
        description="New answers of a candidate, or a step of its rollout: requests the rollout's report.",
    )


def decided(lake: Lake, uc: UseCase) -> Fact | Quiet:
    """A rollout of which more was shown than its stage needs, or whose released version is another one now."""
    state = rollout_of(lake, uc)
    if state is None or not state.goes_on or state.paused:
        return Quiet("no rollout goes on" if state is None or state.ended else f"{state.candidate} is paused")
    found, now = standing_of(lake, uc, state), production_release(lake, uc)
    same = now is not None and now.model_version == state.released
    if found.outcome == "watch" and same:
        return Quiet(f"{state.candidate} in {state.stage}: {found.because}")
    why = f"{state.candidate} in {state.stage}: {found.outcome}, {found.because}" if same else "another release"
    return Fact(f"step:{digest_of([state.candidate, len(state.past), found.outcome])[:24]}", why)


def new_pairs(lake: Lake, uc: UseCase) -> Fact | Quiet:
    """Pairs of a rollout that goes on, or a step of it, that the current report was made without."""
    state = rollout_of(lake, uc)
    if state is None:
        return Quiet("no rollout was started")
    counts = {stage: len(pairs_of(lake, uc, state.candidate, stage)) for stage in ("shadow", "canary")}
    seen = f"{state.candidate}: {len(state.past)} steps, {counts['shadow']} in shadow, {counts['canary']} in canary"
    reported = lake.heads.get(uc.key(NAME))
    if reported is not None:
        report = lake.current(uc.key(NAME)).json(f"{NAME}.json")
        known = {name: stage["questions"] for name, stage in report["stages"].items()}
        same = {name: n for name, n in counts.items() if n or name in known}
        if (report["candidate"], len(report["steps"]), known) == (state.candidate, len(state.past), same):
            return Quiet(f"{seen}, all in the report")
    return Fact(f"rollout:{digest_of([state.candidate, len(state.past), counts])[:24]}", seen)
