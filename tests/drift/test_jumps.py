"""Jumps of a day's traffic beside the days before: the rule, and an alert that fires when traffic is replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.drift import Jumps, find_jumps, rates
from genaiops_assets.models import REFUSAL
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import log_interactions
from tests.support.lakes import bank_support, publish

UC = bank_support()
RULE = Jumps(**UC.monitoring.alerts.model_dump(exclude={"days"}))
USUAL = {
    "volume": 200, "answers": 200, "n_current": 150, "refused": 0.1, "without_passages": 0.02, "masked": 0.05,
    "in_gaps": 0.0, "seconds_median": 1.0, "seconds_p95": 2.0,
}  # fmt: skip


def jumped(today: dict[str, Any], days: int = 7, rule: Jumps = RULE, **usual: Any) -> list[str]:
    return [jump.figure for jump in find_jumps({**USUAL, **today}, [{**USUAL, **usual}] * days, rule)]


@pytest.mark.parametrize(
    ("today", "figures"),
    [
        ({}, []),
        ({"volume": 399}, []),
        ({"volume": 400}, ["volume"]),
        ({"refused": 0.19}, []),
        ({"refused": 0.2}, ["refused"]),
        ({"without_passages": 0.06}, []),  # three times as many, and four in a hundred more
        ({"without_passages": 0.08}, ["without_passages"]),
        ({"in_gaps": 0.1}, ["in_gaps"]),
        ({"seconds_median": 2.0}, ["seconds_median"]),
        ({"seconds_p95": 4.5, "refused": 0.5}, ["refused", "seconds_p95"]),
        ({"refused": None}, []),
    ],
)
def test_what_doubles_overnight_is_a_jump(today: dict[str, Any], figures: list[str]) -> None:
    assert jumped(today) == figures


def test_few_rows_and_few_days_are_no_evidence() -> None:
    assert jumped({"volume": 29, "refused": 0.9}) == []
    assert jumped({"refused": 0.9, "answers": 20}) == []
    assert jumped({"refused": 0.9}, days=RULE.min_days - 1) == [] and jumped({"refused": 0.9}, days=5) == ["refused"]
    by_chance = {"volume": 30, "answers": 30, "refused": 0.2}  # 6 of 30 where one in ten is usual
    assert jumped(by_chance) == [] and jumped({**by_chance, "refused": 0.4}) == ["refused"]


def test_a_rise_of_next_to_nothing_is_none() -> None:
    assert jumped({"seconds_median": 0.02, "seconds_p95": 0.03}, seconds_median=0.005, seconds_p95=0.006) == []
    assert jumped({"volume": 40}, volume=15) == [] and jumped({"volume": 45}, volume=15) == ["volume"]


def test_it_is_the_median_that_is_usual_so_that_one_odd_day_changes_nothing() -> None:
    days = [*[USUAL] * 4, {**USUAL, "refused": 0.9}, {**USUAL, "refused": 0.8}]
    assert [j.figure for j in find_jumps({**USUAL, "refused": 0.25}, days, RULE)] == ["refused"]


def test_figures_that_older_reports_lack_are_not_compared() -> None:
    old = {"masked": 0.01}
    assert [j.figure for j in find_jumps({**USUAL, "refused": 0.9, "masked": 0.2}, [old] * 6, RULE)] == ["masked"]


# --- from rows to a red check
# ---------------------------------------------------------------------------------------------------------


def exchange(n: int, day: datetime, answer: str, seconds: float) -> dict[str, Any]:
    return {
        "id": f"{day.date()}-{n}", "at": day + timedelta(minutes=n), "question": f"What is fee number {n}?",
        "answer": answer, "passages": ["doc_1"], "channel": "replay", "gen_ai_response_model": "mv-000000000001",
        "gen_ai_client_operation_duration": seconds,
    }  # fmt: skip


def test_refusals_and_seconds_are_counted_from_the_rows() -> None:
    said = [REFUSAL["en"], REFUSAL["en"].upper() + " Sorry.", "It is 95 dollars.", ""]
    row = {"masked": "", "passages": ["a"], "question": "?", "gen_ai_client_operation_duration": 0.5}
    found = rates([{**row, "answer": answer} for answer in said], [], [REFUSAL["en"]])
    assert (found["volume"], found["answers"], found["refused"]) == (4, 3, 2 / 3) and "seconds_p95" not in found
    timed = rates([{**row, "answer": "It is."}] * 20, [])
    assert (timed["seconds_median"], timed["seconds_p95"]) == (0.5, 0.5) and "refused" not in timed


def test_an_alert_fires_in_a_replay(tmp_path: Path) -> None:
    """A quiet week on record, then a day on which the model refuses half of what it is asked: through the log, the
    payload and the report to the check."""
    platform, today = Platform(home=str(tmp_path / "home")), datetime.now(UTC)
    lake, day = platform.lake, today.date().isoformat()
    monitoring = UC.monitoring.model_copy(
        update={"drift": UC.monitoring.drift.model_copy(update={"min_interactions": 1000})}
    )
    uc = bank_support(monitoring=monitoring)
    quiet = {"volume": 40, "answers": 40, "refused": 0.05, "seconds_median": 1.0, "seconds_p95": 1.0}
    for n in range(1, 7):
        past = (today.date() - timedelta(days=n)).isoformat()
        publish(lake, uc.key("drift_report"), {"drift.json": {"day": past}}, partition=past, summary=quiet)
    publish(lake, uc.key("golden_set"), {"golden.json": {"items": []}})
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    log_interactions(
        lake, uc, [exchange(n, midnight, REFUSAL["en"] if n % 2 else f"It is {n} dollars.", 1.0) for n in range(40)],
        now=midnight + timedelta(hours=23),
    )  # fmt: skip
    definitions = build_defs([uc], platform)
    with dg.DagsterInstance.ephemeral() as instance:
        done = definitions.resolve_job_def(f"{uc.name}__monitor").execute_in_process(
            instance=instance, resources={"platform": platform}, partition_key=day
        )
    (found,) = [e for e in done.get_asset_check_evaluations() if e.check_name == "nothing_jumped"]
    assert not found.passed and found.severity.value == "ERROR"
    assert found.metadata["jumped"].value == "refused is 0.5, usually 0.05 (median of 6 days)"
