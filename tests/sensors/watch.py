"""A use case being watched: its definitions over a small lake, ticks of one sensor, and runs that ended as tests need
them. Holds no tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

import sensors.contract
from genaiops_assets.definitions import build_defs
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

STATUS = {
    "in_progress": dg.DagsterRunStatus.STARTED,
    "succeeded": dg.DagsterRunStatus.SUCCESS,
    "failed": dg.DagsterRunStatus.FAILURE,  # without a failed step: the machine went away
    "canceled": dg.DagsterRunStatus.CANCELED,
}


@dg.op
def gives_up() -> None:
    raise dg.Failure("the input is wrong", metadata={"permanent": True}, allow_retries=False)


@dg.job(executor_def=dg.in_process_executor)
def permanent_failure() -> None:
    gives_up()


@dg.asset
def corpus() -> None: ...


@dg.asset_check(asset=corpus, blocking=True)
def gate() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False)


BUILT: dict[str, dg.Definitions] = {}


def definitions_of(uc: UseCase) -> dg.Definitions:
    """The same for every home: ticks bring their own platform."""
    key = uc.config_digest()
    if key not in BUILT:
        BUILT[key] = build_defs([uc], Platform(home="/nowhere"))
    return BUILT[key]


class Watch:
    """One sensor of one use case. Every tick starts from the cursor that the tick before left."""

    def __init__(self, home: Path, instance: dg.DagsterInstance, uc: UseCase, sensor: str) -> None:
        self.platform, self.uc, self.instance = Platform(home=str(home)), uc, instance
        self.cursor: str | None = None
        self.lake: Lake = self.platform.lake
        self.definitions = definitions_of(uc)
        self.sensor: Any = self.definitions.resolve_sensor_def(f"{uc.name}__{sensor}")

    def tick(self) -> dg.RunRequest | str:
        """The one request of this tick, or the reason why there is none."""
        resources = {"platform": self.platform}
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, definitions=self.definitions, resources=resources
        )
        data = self.sensor.evaluate_tick(context)
        self.cursor = data.cursor
        if not data.run_requests:
            return data.skip_message
        (request,) = data.run_requests
        return request

    def request(self) -> dg.RunRequest:
        found = self.tick()
        assert isinstance(found, dg.RunRequest), found
        return found

    def reason(self) -> str:
        found = self.tick()
        assert isinstance(found, str), found
        return found

    def later(self, monkeypatch: pytest.MonkeyPatch, **after: float) -> None:
        """Time passes for the sensor: `hours=2`."""
        at = datetime.now(UTC) + timedelta(**after)
        monkeypatch.setattr(sensors.contract, "now", lambda: at)

    def fails_until_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
        """Requests that end in failures of the infrastructure, one an hour, as many as there may be. Returns their
        keys."""
        keys = []
        for attempt in range(self.uc.monitoring.sensors.max_attempts):
            self.later(monkeypatch, hours=attempt)
            request = self.request()
            keys.append(request.run_key)
            self.run(request, "failed")
        return keys

    def run(self, request: dg.RunRequest, state: str) -> str:
        """The daemon starts the requested run, and it ends (or not yet). Returns the run id."""
        if state == "permanent":
            return permanent_failure.execute_in_process(
                instance=self.instance, tags=dict(request.tags), raise_on_error=False
            ).run_id
        if state == "gate closed":
            return dg.materialize(
                [corpus, gate], instance=self.instance, tags=dict(request.tags), raise_on_error=False
            ).run_id
        return create_run_for_test(
            self.instance, job_name=self.sensor.job_name, status=STATUS[state], tags=dict(request.tags)
        ).run_id
