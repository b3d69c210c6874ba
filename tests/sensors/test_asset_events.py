"""The loop as the asset graph shows it: `traffic` names the release that answers, `retraining_request` what was asked
for and why; their checks turn red when the world moved on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from genaiops_assets.assets.monitoring import retraining_request as asked_for
from genaiops_assets.assets.monitoring.traffic import traffic_assets
from genaiops_assets.governance.release import decide, release
from tests.sensors.test_interactions import DAY, logged
from tests.sensors.test_retraining import drift, feedback, pairs
from tests.sensors.watch import Watch
from tests.support.lakes import V1, candidate, publish, retraining

MADE = {"traffic": traffic_assets, "retraining_request": asked_for.retraining_request_assets}
CHECKS = dg.AssetSelection.all_asset_checks()


def tick(watched: Watch) -> list[dg.AssetMaterialization]:
    """What one tick leaves in the graph, stored as the daemon stores it."""
    context = dg.build_sensor_context(
        instance=watched.instance, definitions=watched.definitions, resources={"platform": watched.platform}
    )
    events = list(watched.sensor.evaluate_tick(context).asset_events)
    for event in events:
        watched.instance.report_runless_asset_event(event)
    return events


def check(watched: Watch, asset: str) -> dg.AssetCheckEvaluation:
    """The only check of the asset, run as the UI runs it."""
    _, found = MADE[asset](watched.uc)
    job = dg.Definitions(
        asset_checks=[found], resources={"platform": watched.platform}, jobs=[dg.define_asset_job("one", CHECKS)]
    ).resolve_job_def("one")
    (evaluation,) = job.execute_in_process(instance=watched.instance).get_asset_check_evaluations()
    return evaluation


def promoted(watched: Watch) -> None:
    candidate(watched.lake, watched.uc, V1)
    decide(watched.lake, watched.uc, V1, name="Ada Approver", decision="approved", reason="read the card")
    release(watched.lake, watched.uc, V1, kind="promote", by="Olga Owner", reason="better answers")


@pytest.fixture
def questions(watch) -> Watch:
    made = watch("new_interactions")
    publish(made.lake, "bank_support/golden_set", {"golden.json": {"items": []}})
    return made


def test_traffic_names_the_release_that_answers(questions: Watch) -> None:
    logged(questions, 30)
    (event,) = tick(questions)
    assert event.asset_key == dg.AssetKey(["bank_support", "traffic"])
    assert event.metadata["release"].value == "none" and f"30 interactions on {DAY}" in str(
        event.metadata["seen"].value
    )
    promoted(questions)
    logged(questions, 60)
    (later,) = tick(questions)
    assert later.metadata["release"].value == V1
    assert later.tags["dagster/data_version"] != event.tags["dagster/data_version"]


def test_too_little_traffic_is_no_event(questions: Watch) -> None:
    logged(questions, 29)
    assert tick(questions) == []


def test_a_release_nobody_asked_yet_shows_on_traffic(questions: Watch) -> None:
    assert check(questions, "traffic").passed
    logged(questions, 30)
    tick(questions)
    assert check(questions, "traffic").passed
    promoted(questions)
    found = check(questions, "traffic")
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert (found.metadata["seen"].value, found.metadata["in_production"].value) == ("none", V1)
    logged(questions, 60)
    tick(questions)
    assert check(questions, "traffic").passed


def test_each_cause_of_a_retraining_leaves_what_was_asked_for_and_why(watch) -> None:
    watched = watch("drift_retraining")
    assert tick(watched) == []
    drift(watched)
    (event,) = tick(watched)
    assert event.asset_key == dg.AssetKey(["bank_support", "retraining_request"])
    assert str(event.metadata["cause"].value).startswith("drift:") and "p 0.002, 40 questions" in str(
        event.metadata["why"].value
    )

    fed = watch("feedback_retraining", retraining(watched.uc, min_feedback=3))
    pairs(fed, 0)
    feedback(fed, 3)
    (other,) = tick(fed)
    assert other.metadata["why"].value == "3 new human preferences"
    assert other.tags["dagster/data_version"] != event.tags["dagster/data_version"]


def test_drift_that_no_training_answers_leaves_no_request(watch) -> None:
    watched = watch("drift_retraining")
    drift(watched, recommendation="add documents")
    assert tick(watched) == []


def test_a_request_without_a_plan_turns_red_after_a_day(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch("drift_retraining")
    assert check(watched, "retraining_request").passed  # nothing was asked for
    drift(watched)
    tick(watched)
    assert check(watched, "retraining_request").passed  # there is time yet
    monkeypatch.setattr(asked_for, "PATIENCE", timedelta(seconds=-1))
    found = check(watched, "retraining_request")
    assert (found.passed, found.metadata["answered"].value) == (False, False)


def test_the_same_plan_made_again_is_an_answer(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, plan = watch("drift_retraining"), dg.AssetKey(["bank_support", "model_plan"])
    publish(watched.lake, "bank_support/model_plan", {"plan.json": {"model_version": V1}})
    watched.instance.report_runless_asset_event(dg.AssetMaterialization(plan))
    monkeypatch.setattr(asked_for, "PATIENCE", timedelta(seconds=-1))
    drift(watched)
    tick(watched)
    assert not check(watched, "retraining_request").passed
    head = watched.lake.heads.get("bank_support/model_plan")
    watched.instance.report_runless_asset_event(dg.AssetMaterialization(plan))
    assert watched.lake.heads.get("bank_support/model_plan") == head
    assert datetime.fromisoformat(head["at"]) < datetime.now(UTC)
    assert check(watched, "retraining_request").passed
