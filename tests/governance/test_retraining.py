"""Retraining: when an observed fact justifies a run, as a table of histories and answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from genaiops_assets.governance import Attempt, Go, Wait, decide_retraining
from genaiops_assets.use_case import Retraining

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = Retraining(cooldown_hours=24, weekly_budget=2, max_attempts=3)
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
        pytest.param([attempt(OTHER, 30), attempt("feedback:1", 60)], "2 retrainings in seven days, the budget is 2", id="budget"),
        pytest.param([attempt(OTHER, 30), attempt("feedback:1", 24 * 7 + 1)], 1, id="budget of the last seven days only"),
        pytest.param([attempt(OTHER, 30), failed(50, cause="feedback:1")], 1, id="what failed counts for no budget"),
    ],
)
def test_the_table(history: list[Attempt], expected: int | str) -> None:
    decision = decide_retraining(CAUSE, history, SETTINGS, NOW)
    if isinstance(expected, int):
        assert isinstance(decision, Go) and decision.attempt == expected
    else:
        assert isinstance(decision, Wait) and expected in decision.reason


def test_a_pause_stops_everything() -> None:
    decision = decide_retraining(CAUSE, [], SETTINGS.model_copy(update={"paused": True}), NOW)
    assert isinstance(decision, Wait) and "paused" in decision.reason and CAUSE in decision.reason


def test_a_budget_of_nothing_retrains_never() -> None:
    assert isinstance(decide_retraining(CAUSE, [], SETTINGS.model_copy(update={"weekly_budget": 0}), NOW), Wait)


def test_without_cooldown_the_next_cause_goes_at_once() -> None:
    settings = SETTINGS.model_copy(update={"cooldown_hours": 0})
    assert isinstance(decide_retraining(CAUSE, [attempt(OTHER, 0)], settings, NOW), Go)


def test_run_keys_differ_by_cause_and_attempt_and_are_short() -> None:
    keys = {decide_retraining(c, h, SETTINGS, NOW).run_key for c, h in [(CAUSE, []), (CAUSE, [failed()]), (OTHER, [])]}  # type: ignore[union-attr]
    assert len(keys) == 3 and all(len(k) < 32 for k in keys)
    assert decide_retraining(CAUSE, [], SETTINGS, NOW) == decide_retraining(CAUSE, [], SETTINGS, NOW + timedelta(days=1))
