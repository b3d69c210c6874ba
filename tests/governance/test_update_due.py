"""When the public summary of training content is due: by the day people wrote into it, and by the data's rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.governance.documents import longest_wait, summary_age, update_rule
from genaiops_assets.orchestration.platform import Platform
from tests.support.lakes import bank_support, publish

UC = bank_support()
NAME = "training_content_summary"


def said(day: str) -> dict[str, Any]:
    return {"last_update": {"text": day} if day else {"gap": True, "name": "training_content.last_update"}}


def test_the_rule_is_data_with_source_and_day() -> None:
    assert update_rule()["months"] == 6 and "C(2025) 5235" in update_rule()["source"] and update_rule()["checked_on"]


@pytest.mark.parametrize(
    ("last", "today", "due", "overdue"),
    [
        ("2026-01-15", "2026-07-15", "2026-07-15", False),
        ("2026-01-15", "2026-07-16", "2026-07-15", True),
        ("2026-08-31", "2027-02-28", "2027-02-28", False),
        ("2026-08-31", "2027-03-01", "2027-02-28", True),
        ("2026-12-31", "2027-06-30", "2027-06-30", False),
    ],
)
def test_six_months_end_on_the_same_day_or_the_last_of_the_month(
    last: str, today: str, due: str, overdue: bool
) -> None:
    found = summary_age(said(last), date.fromisoformat(today))
    assert (found.due, found.overdue, bool(found.problem)) == (due, overdue, overdue)


def test_no_day_and_a_day_to_come_are_problems_but_not_overdue() -> None:
    for last, words in (("", "nobody wrote"), ("2027-01-01", "in the future")):
        found = summary_age(said(last), date(2026, 11, 30))
        assert words in found.problem and not found.overdue


def test_the_freshness_policy_lets_no_half_year_pass() -> None:
    spec = build_defs([UC], Platform(home="/nowhere")).resolve_asset_graph().get(dg.AssetKey([UC.name, NAME]))
    policy = spec.freshness_policy
    assert policy.fail_window.to_timedelta() == longest_wait() == timedelta(days=185)
    by_clock = [datetime(2026, m, 1, 5) for m in (1, 7)] + [datetime(2027, 1, 1, 5)]
    assert all(b - a < longest_wait() for a, b in pairwise(by_clock))


@pytest.mark.parametrize(
    ("days_ago", "passed", "severity"),
    [(1, True, "WARN"), (200, False, "ERROR"), (None, False, "WARN")],
)
def test_the_daily_job_turns_the_check_red_when_time_has_passed(
    tmp_path: Path, days_ago: int | None, passed: bool, severity: str
) -> None:
    platform, today = Platform(home=str(tmp_path)), datetime.now(UTC).date()
    last = "" if days_ago is None else (today - timedelta(days=days_ago)).isoformat()
    publish(platform.lake, UC.key(NAME), {f"{NAME}.json": said(last)})
    job = build_defs([UC], platform).resolve_job_def("bank_support__dates_due")
    done = job.execute_in_process(resources={"platform": platform})
    (found,) = [e for e in done.get_asset_check_evaluations() if e.check_name == "updated_within_six_months"]
    assert (found.passed, found.severity.value) == (passed, severity)
