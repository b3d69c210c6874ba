"""Requests: when an observed fact justifies a run, as a table of histories and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from genaiops_assets.orchestration.requests import Attempt, Go, Limits, Wait, decide_request, limits_of
from genaiops_assets.use_case import Retraining, Sensors

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits("a retraining", 3, timedelta(minutes=10), timedelta(hours=24), 2)
CAUSE, OTHER = "drift:2026-11-24", "drift:2026-11-20"


def attempt(cause: str = CAUSE, hours_ago: float = 1, state: str = "succeeded", permanent: bool = False) -> Attempt:
    return Attempt(cause, NOW - timedelta(hours=hours_ago), state, permanent)  # type: ignore[arg-type]


def failed(hours_ago: float = 1, **more) -> Attempt:
    return attempt(state="failed", hours_ago=hours_ago, **more)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], 1, id="first of its kind"),
        pytest.param([attempt(hours_ago=100)], "was answered already", id="a cause is answered once, however long ago"),
        pytest.param([attempt(state="in_progress")], "in progress", id="the same cause is under way"),
        pytest.param([attempt(OTHER, state="in_progress")], "in progress", id="another cause is under way"),
        pytest.param([failed()], 2, id="infrastructure failed once"),
        pytest.param([failed(2), failed(1)], 3, id="infrastructure failed twice"),
        pytest.param([failed(3), failed(2), failed(1)], "3 attempts failed, the limit is 3", id="attempts are limited"),
        pytest.param([failed(permanent=True)], "repeating does not change", id="a permanent failure is final"),
        pytest.param([attempt(OTHER, 23.5)], "23.5 h ago, the cooldown is 24 h", id="cooldown"),
        pytest.param([attempt(OTHER, 24.5)], 1, id="cooldown over"),
        pytest.param([attempt(OTHER, 1), failed(0.5)], 2, id="a second attempt does not wait for the cooldown"),
        pytest.param([failed(1, cause=OTHER)], 1, id="what failed counts for no cooldown"),
        pytest.param(
            [attempt(OTHER, 30), attempt("feedback:1", 60)], "2 runs in seven days, the budget is 2", id="budget"
        ),
        pytest.param(
            [attempt(OTHER, 30), attempt("feedback:1", 24 * 7 + 1)], 1, id="budget of the last seven days only"
        ),
        pytest.param([attempt(OTHER, 30), failed(50, cause="feedback:1")], 1, id="what failed counts for no budget"),
    ],
)
def test_the_table(history: list[Attempt], expected: int | str) -> None:
    decision = decide_request(CAUSE, history, LIMITS, NOW)
    if isinstance(expected, int):
        assert isinstance(decision, Go) and decision.attempt == expected
    else:
        assert isinstance(decision, Wait) and expected in decision.reason


@pytest.mark.parametrize(
    ("failures", "minutes", "waits"),
    [
        (1, 9, "the next one in 60 s"),
        (1, 10, None),
        (2, 19, "attempt 2 of 3 failed; the next one in 60 s"),
        (2, 20, None),
    ],
)
def test_each_further_failure_waits_twice_as_long(failures: int, minutes: float, waits: str | None) -> None:
    history = [failed(minutes / 60 + 5 * n) for n in range(failures)]
    decision = decide_request(CAUSE, history, LIMITS, NOW)
    assert isinstance(decision, Go) if waits is None else isinstance(decision, Wait) and waits in decision.reason


def test_the_state_of_a_cause_is_told() -> None:
    def state(*history: Attempt) -> str:
        return decide_request(CAUSE, history, LIMITS, NOW).state

    assert (
        state() == "requested" and state(attempt()) == "succeeded" and state(attempt(state="in_progress")) == "running"
    )
    assert state(attempt(OTHER, state="in_progress")) == "seen" and state(attempt(OTHER)) == "seen"
    assert (
        state(failed(0)) == "failed" and state(failed(permanent=True)) == "failed" and state(failed(1)) == "requested"
    )


def test_runs_from_a_clock_that_was_ahead_count_as_just_made() -> None:
    assert "cooldown" in waits_for(decide_request(CAUSE, [attempt(OTHER, hours_ago=-100)], LIMITS, NOW))
    assert "the next one in 600 s" in waits_for(decide_request(CAUSE, [failed(-100)], LIMITS, NOW))


def waits_for(decision: Go | Wait) -> str:
    assert isinstance(decision, Wait)
    return decision.reason


def test_a_pause_stops_everything_and_names_its_switch() -> None:
    on = Sensors(paused=True)
    assert "(monitoring.sensors.paused)" in waits_for(decide_request(CAUSE, [], limits_of("a refresh", on), NOW))
    paused = limits_of("a retraining", Sensors(), Retraining(paused=True))
    reason = waits_for(decide_request(CAUSE, [], paused, NOW))
    assert "(monitoring.retraining.paused)" in reason and CAUSE in reason


def test_a_dry_run_says_what_it_would_request() -> None:
    dry = limits_of("a refresh", Sensors(dry_run=True))
    assert f"would request a refresh, attempt 1 for {CAUSE}" in waits_for(decide_request(CAUSE, [], dry, NOW))


def test_a_budget_of_nothing_retrains_never() -> None:
    assert isinstance(decide_request(CAUSE, [], replace(LIMITS, weekly_budget=0), NOW), Wait)


def test_without_cooldown_the_next_cause_goes_at_once() -> None:
    assert isinstance(decide_request(CAUSE, [attempt(OTHER, 0)], replace(LIMITS, cooldown=timedelta(0)), NOW), Go)


def test_run_keys_differ_by_cause_and_attempt_and_are_short() -> None:
    keys = {decide_request(c, h, LIMITS, NOW).run_key for c, h in [(CAUSE, []), (CAUSE, [failed()]), (OTHER, [])]}  # type: ignore[union-attr]
    assert len(keys) == 3 and all(len(k) < 32 for k in keys)
    assert decide_request(CAUSE, [], LIMITS, NOW) == decide_request(CAUSE, [], LIMITS, NOW + timedelta(days=1))
