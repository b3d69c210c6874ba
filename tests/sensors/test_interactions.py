"""New interactions: enough new ones make one report, of their own day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from genaiops_assets.serving import counter
from tests.sensors.watch import Watch
from tests.support.lakes import publish

TODAY = datetime.now(UTC).date()
DAY, DAY_BEFORE = TODAY.isoformat(), (TODAY - timedelta(days=1)).isoformat()


@pytest.fixture
def questions(watch) -> Watch:
    """A use case with a golden set; nobody asked anything yet. A report needs 30 interactions."""
    made = watch("new_interactions")
    publish(made.lake, "bank_support/golden_set", {"golden.json": {"items": []}})
    return made


def logged(watched: Watch, rows: int, day: str = DAY) -> None:
    """What the log writes beside itself."""
    watched.lake.store.write(counter(watched.uc), json.dumps({"day": day, "rows": rows}).encode())


def report(watched: Watch, rows: int, day: str = DAY) -> None:
    """What the monitor job leaves after it saw so many rows."""
    asked = publish(
        watched.lake, "bank_support/interactions", {"i.json": rows}, partition=day, summary={"interactions": rows}
    )
    publish(
        watched.lake,
        "bank_support/drift_report",
        {"d.json": rows},
        partition=day,
        summary={"interactions": asked.digest},
    )


def test_nothing_asked_and_nothing_to_compare_with_request_nothing(watch) -> None:
    watched = watch("new_interactions")
    assert watched.reason() == "nothing was asked yet"
    logged(watched, 50)
    assert "no golden set" in watched.reason()


def test_enough_new_interactions_request_their_day_once(questions: Watch) -> None:
    logged(questions, 29)
    assert f"29 interactions on {DAY}, 0 reported; 30 new ones make a report" in questions.reason()
    logged(questions, 30)
    request = questions.request()
    assert request.partition_key == DAY and questions.sensor.job_name == "bank_support__monitor"
    assert questions.request().run_key == request.run_key
    questions.cursor = None
    assert questions.request().run_key == request.run_key


def test_a_reported_day_waits_for_as_many_again(questions: Watch) -> None:
    logged(questions, 30)
    questions.run(questions.request(), "succeeded")
    report(questions, 30)
    logged(questions, 59)
    assert f"59 interactions on {DAY}, 30 reported" in questions.reason()
    logged(questions, 60)
    assert questions.request()


def test_a_new_day_starts_from_nothing(questions: Watch) -> None:
    report(questions, 80, DAY_BEFORE)
    logged(questions, 30)
    assert questions.request().partition_key == DAY


def test_questions_that_come_during_a_report_do_not_request_another(questions: Watch) -> None:
    logged(questions, 30)
    questions.run(questions.request(), "in_progress")
    logged(questions, 95)
    assert "a report is in progress" in questions.reason()


def test_infrastructure_failures_are_tried_again_until_the_limit(
    questions: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(questions, 30)
    keys = []
    for attempt in range(3):
        questions.later(monkeypatch, hours=attempt)
        request = questions.request()
        keys.append(request.run_key)
        questions.run(request, "failed")
    assert (
        len(set(keys)) == 3
        and f"30 interactions on {DAY}, 0 reported. {DAY}:30: 3 attempts failed" in questions.reason()
    )


@pytest.mark.parametrize("state", ["permanent", "canceled"])
def test_what_repeating_cannot_change_is_not_repeated(questions: Watch, state: str) -> None:
    logged(questions, 30)
    questions.run(questions.request(), state)
    assert "repeating does not change" in questions.reason()
