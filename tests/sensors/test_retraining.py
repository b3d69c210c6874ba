"""Drift and feedback: one retraining for one cause, under a common cooldown, budget, limit and pause."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.alignment import Feedback, feedback_folder, note_feedback, read_feedback
from genaiops_assets.lake import reference_stamp
from genaiops_assets.use_case import UseCase
from tests.sensors.watch import Watch
from tests.support.lakes import bank_support, publish, retraining

FREE = {"cooldown_hours": 0.0}


def drift(watched: Watch, days_ago: int = 0, drifted: bool = True, **more: object) -> str:
    """A drift report of a day. Returns the digest of the interactions it saw."""
    day = (datetime.now(UTC) - timedelta(days=days_ago)).date().isoformat()
    asked = publish(watched.lake, "bank_support/interactions", {"i.json": day}, partition=day)
    figures = {
        "drifted": drifted,
        "centroid_distance": 0.3,
        "p_value": 0.002,
        "n_current": 40,
        "interactions": asked.digest,
        "recommendation": "retrain" if drifted else "nothing",
        "why": "20 % of the questions",
        **more,
    }
    publish(watched.lake, "bank_support/drift_report", {"drift.json": day}, partition=day, summary=figures)
    return asked.digest


def feedback(watched: Watch, count: int, name: str = "people.jsonl") -> None:
    folder = feedback_folder(watched.lake, watched.uc)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {"question": f"What is fee {n}?", "chosen": "It is 95 dollars.", "rejected": "No.", "reviewer": "Bea"}
        for n in range(count)
    ]
    (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))


def pairs(watched: Watch, human: int) -> None:
    """Preference pairs that took in the first human ones of the folder."""
    publish(
        watched.lake,
        "bank_support/preference_pairs",
        {"pairs.json": human},
        summary={"human": human},
    )
    said = read_feedback(feedback_folder(watched.lake, watched.uc)).pairs[:human]
    note_feedback(watched.lake, watched.uc, Feedback(said).ids())


def state_of(watched: Watch) -> str:
    return json.loads(watched.cursor or "")["state"]


@pytest.fixture
def drifting(watch) -> Watch:
    """The drift sensor over a day with drift."""
    made = watch("drift_retraining")
    drift(made)
    return made


# --- drift ------------------------------------------------------------------------------------------------------------


def test_without_drift_nothing_is_requested(watch) -> None:
    watched = watch("drift_retraining")
    assert watched.reason() == "no drift in the reports of today and yesterday"
    drift(watched, drifted=False)
    drift(watched, days_ago=2)
    assert watched.reason() == "no drift in the reports of today and yesterday"


def test_drift_requests_one_retraining_with_the_days_questions(watch) -> None:
    watched = watch("drift_retraining")
    focus = drift(watched, days_ago=1)
    request = watched.request()
    assert watched.sensor.job_name == "bank_support__retrain"
    assert request.run_config["ops"]["bank_support__preference_pairs"]["config"] == {"focus": focus}
    assert watched.request().run_key == request.run_key


def test_the_requested_configuration_fits_the_job(drifting: Watch) -> None:
    job = drifting.definitions.resolve_job_def("bank_support__retrain")
    assert dg.validate_run_config(job, dict(drifting.request().run_config))


def test_a_cause_is_answered_once_and_the_cursor_tells_its_state(drifting: Watch) -> None:
    run = drifting.request()
    assert state_of(drifting) == "requested"
    since = json.loads(drifting.cursor or "")["since"]
    assert drifting.request() and json.loads(drifting.cursor or "")["since"] == since
    run_id = drifting.run(run, "in_progress")
    assert "in progress" in drifting.reason() and state_of(drifting) == "running"
    drifting.instance.delete_run(run_id)
    drifting.run(run, "succeeded")
    assert "was answered already" in drifting.reason() and state_of(drifting) == "succeeded"
    assert json.loads(drifting.cursor or "")["cause"].startswith("drift:")


def test_a_lost_cursor_does_not_answer_a_cause_again(drifting: Watch) -> None:
    drifting.run(drifting.request(), "succeeded")
    drifting.reason()
    drifting.cursor = None
    assert "was answered already" in drifting.reason()


def test_nothing_is_requested_while_a_retraining_is_in_progress(drifting: Watch) -> None:
    drifting.run(drifting.request(), "in_progress")
    reason = drifting.reason()
    assert "a retraining is in progress" in reason and "centroid distance 0.3, p 0.002, 40 questions" in reason


def test_infrastructure_failures_are_tried_again_under_a_new_key_until_the_limit(
    drifting: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(set(drifting.fails_until_the_limit(monkeypatch))) == 3
    assert "3 attempts failed, the limit is 3" in drifting.reason()


@pytest.mark.parametrize("state", ["permanent", "gate closed", "canceled"])
def test_what_repeating_cannot_change_is_not_repeated(drifting: Watch, state: str) -> None:
    drifting.run(drifting.request(), state)
    assert "repeating does not change" in drifting.reason()


@pytest.mark.parametrize("action", ["add documents", "refresh index"])
def test_what_no_training_replaces_requests_none(watch, action: str) -> None:
    watched = watch("drift_retraining")
    drift(watched, recommendation=action)
    assert f"recommends: {action}. No retraining: 20 % of the questions" in watched.reason()


def test_answers_that_drifted_request_a_retraining(watch) -> None:
    watched = watch("drift_retraining")
    drift(watched, drifted=False, recommendation="retrain", answers_drifted=True)
    assert watched.request()


def test_a_report_of_an_earlier_version_counts_by_its_verdict(watch) -> None:
    watched = watch("drift_retraining")
    drift(watched, recommendation="")
    assert watched.request()


def test_an_outdated_index_requests_one_refresh_and_spends_no_retraining(watch) -> None:
    retraining_, refresh = watch("drift_retraining"), watch("drift_refresh")
    assert "no report of today or yesterday recommends a newer index" in refresh.reason()
    drift(refresh, days_ago=1, recommendation="add documents")
    assert "no report" in refresh.reason()
    drift(refresh, recommendation="refresh index")
    request = refresh.request()
    assert refresh.sensor.job_name == "bank_support__refresh" and refresh.request().run_key == request.run_key
    refresh.run(request, "succeeded")
    assert "was answered already" in refresh.reason() and "No retraining" in retraining_.reason()


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_enough_new_feedback_requests_one_retraining(watch) -> None:
    watched = watch("feedback_retraining")
    feedback(watched, 12)
    assert "no preference pairs yet" in watched.reason()
    pairs(watched, human=3)
    assert "9 human preferences that the pairs were made without; 10 justify a retraining" in watched.reason()
    feedback(watched, 13)
    request = watched.request()
    assert watched.request().run_key == request.run_key and not request.run_config
    watched.run(request, "succeeded")
    pairs(watched, human=13)
    assert "0 human preferences that the pairs were made without" in watched.reason()


def test_feedback_that_a_retraining_could_not_use_is_not_a_cause_for_ever(watch) -> None:
    watched = watch("feedback_retraining")
    pairs(watched, human=0)
    feedback(watched, 12)
    watched.run(watched.request(), "succeeded")
    assert "was answered already" in watched.reason()


def test_malformed_feedback_is_no_feedback(watch) -> None:
    watched = watch("feedback_retraining")
    pairs(watched, human=0)
    folder = feedback_folder(watched.lake, watched.uc)
    folder.mkdir(parents=True)
    (folder / "people.jsonl").write_text("not json\n" * 20)
    assert watched.reason().startswith("0 human preferences")


# --- base model -------------------------------------------------------------------------------------------------------


def test_another_base_model_requests_a_plan_once(watch, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    uc = bank_support()
    watched = watch(
        "base_model_changed", uc.model_copy(update={"model": uc.model.model_copy(update={"base": f"dir:{model}"})})
    )
    assert watched.reason() == "no model plan yet"
    noted(watched)
    assert "as it was when the last plan was made" in watched.reason()
    (model / "config.json").write_text('{"layers": 2}')
    watched.lake.notes.put(
        "bank_support", "base_model_stamp", {"digest": "as base_model saw it, before the rest of its run failed"}
    )
    request = watched.request()
    assert watched.sensor.job_name == "bank_support__plan" and watched.request().run_key == request.run_key
    watched.run(request, "succeeded")
    noted(watched)
    assert "as it was when the last plan was made" in watched.reason()
    (model / "config.json").unlink()
    model.rmdir()
    assert "cannot be looked at" in watched.reason()


def noted(watched: Watch) -> None:
    """What `model_plan` leaves."""
    stamp = reference_stamp(watched.uc.model.base, watched.uc.folder)
    watched.lake.notes.put("bank_support", "planned_base", {"digest": stamp})
    publish(watched.lake, "bank_support/model_plan", {"plan.json": stamp})


# --- what both share --------------------------------------------------------------------------------------------------


def both(watch, uc: UseCase) -> tuple[Watch, Watch]:
    """The drift sensor and the feedback sensor of one use case, each with a cause."""
    first, second = watch("drift_retraining", uc), watch("feedback_retraining", uc)
    drift(first)
    pairs(second, human=0)
    feedback(second, 12)
    return first, second


def test_they_share_the_cooldown(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = both(watch, retraining(bank_support(), cooldown_hours=24.0))
    first.run(first.request(), "succeeded")
    assert "0.0 h ago, the cooldown is 24 h" in second.reason()
    second.later(monkeypatch, hours=25)
    assert second.request()


def test_they_share_the_weekly_budget(watch) -> None:
    first, second = both(watch, retraining(bank_support(), weekly_budget=1, **FREE))
    second.run(second.request(), "succeeded")
    assert "1 runs in seven days, the budget is 1" in first.reason()


def test_one_waits_for_the_other(watch) -> None:
    first, second = both(watch, retraining(bank_support(), **FREE))
    first.run(first.request(), "in_progress")
    assert "a retraining is in progress" in second.reason()


def test_a_pause_stops_both(watch) -> None:
    for watched in both(watch, retraining(bank_support(), paused=True, **FREE)):
        assert "paused (monitoring.retraining.paused)" in watched.reason()
