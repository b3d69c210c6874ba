"""The rollout by itself: pairs come in, the step follows, the report follows the step; nothing without a rollout."""

from __future__ import annotations

import dagster as dg
import pytest

from genaiops_assets.assets.release.rollout_report import REPORT, rollout_report_assets
from genaiops_assets.governance.release import decide, production_release, release
from genaiops_assets.governance.rollout import Pair, keep, rollout_of, start
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.rollout_job import rollout_jobs
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Quiet
from sensors.rollout import decided, new_pairs
from tests.support.lakes import V1, V2, candidate

SAME = Pair(0.6, 0.6, candidate_seconds=1.0, released_seconds=1.0)


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    for version in (V1, V2):
        candidate(lake, uc, version)
        decide(lake, uc, version, name="Ada Approver", decision="approved", reason="read the card")
    release(lake, uc, V1, kind="promote", by="Olga Owner", reason="good answers")
    return lake


def step(lake: Lake, uc: UseCase, instance: dg.DagsterInstance) -> None:
    (job,) = rollout_jobs(uc)
    assert job.execute_in_process(instance=instance, resources={"platform": Platform(home=str(lake.home))}).success


def report(lake: Lake, uc: UseCase, instance: dg.DagsterInstance) -> bool:
    resources = {"platform": Platform(home=str(lake.home))}
    made = dg.materialize(rollout_report_assets(uc), resources=resources, instance=instance)
    return all(e.passed for e in made.get_asset_check_evaluations())


def test_a_candidate_goes_its_way_by_itself(lake: Lake, uc: UseCase) -> None:
    assert isinstance(decided(lake, uc), Quiet) and isinstance(new_pairs(lake, uc), Quiet)
    start(lake, uc, V2, by="Olga Owner", reason="better")
    assert isinstance(decided(lake, uc), Quiet) and isinstance(new_pairs(lake, uc), Fact)
    causes = set()
    with dg.DagsterInstance.ephemeral() as instance:
        for stage in ("shadow", "canary"):
            for place in range(150):
                keep(lake, uc, V2, stage, SAME, f"{stage} {place}")
            found = decided(lake, uc)
            assert isinstance(found, Fact) and "promote" in found.numbers
            causes.add(found.cause)
            step(lake, uc, instance)
            assert isinstance(new_pairs(lake, uc), Fact)
            assert report(lake, uc, instance) and isinstance(new_pairs(lake, uc), Quiet)
        shown = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "production_model"]))
    now, state = production_release(lake, uc), rollout_of(lake, uc)
    assert now and now.model_version == V2 and state and state.ended == "promoted" and len(causes) == 2
    assert shown and shown.asset_materialization and isinstance(decided(lake, uc), Quiet)


def test_harm_ends_it_and_the_report_calls_a_person(lake: Lake, uc: UseCase) -> None:
    start(lake, uc, V2, by="Olga Owner", reason="better")
    for place in range(60):
        keep(lake, uc, V2, "shadow", Pair(0.1, 0.7), str(place))
    with dg.DagsterInstance.ephemeral() as instance:
        step(lake, uc, instance)
        assert not report(lake, uc, instance)
    told = lake.current(uc.key("rollout_report")).json(REPORT)
    assert told["ended"] == "rolled_back" and "quality" in told["because"]
    now = production_release(lake, uc)
    assert now and now.model_version == V1


def test_another_release_is_a_step_of_its_own(lake: Lake, uc: UseCase) -> None:
    start(lake, uc, V2, by="Olga Owner", reason="better")
    release(lake, uc, V2, kind="promote", by="Olga Owner", reason="by hand")
    found = decided(lake, uc)
    assert isinstance(found, Fact) and found.numbers == "another release"
