"""What the clock requests: each schedule's run, or the reason why there is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.governance.release import decide, release
from genaiops_assets.orchestration.platform import Platform
from tests.support.lakes import V1, bank_support, candidate, publish

MONDAY = datetime(2026, 12, 7, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_defs([bank_support()], Platform(home="/nowhere"))


@pytest.fixture
def tick(definitions: dg.Definitions, tmp_path: Path):
    """`tick(schedule, at)`: the one request, or the reason why there is none."""

    def evaluate(name: str, at: datetime) -> Any:
        resources = {"platform": Platform(home=str(tmp_path))}
        found = definitions.resolve_schedule_def(f"bank_support__{name}")(
            dg.build_schedule_context(scheduled_execution_time=at, resources=resources)
        )
        return found.skip_message if isinstance(found, dg.SkipReason) else found

    return evaluate


def test_all_schedules_are_on_run_in_utc_and_say_what_they_are_for(definitions: dg.Definitions) -> None:
    found = {s.name.split("__")[1]: s for s in definitions.get_repository_def().schedule_defs}
    assert {name: (s.cron_schedule, s.job_name) for name, s in found.items()} == {
        "hourly_clocks": ("10 * * * *", "bank_support__incident_clocks"),
        "weekly_index_maintenance": ("30 4 * * 0", "bank_support__maintain_index"),
        "nightly_refresh": ("0 2 * * *", "bank_support__refresh"),
        "daily_production_check": ("15 5 * * *", "bank_support__check_production"),
        "six_monthly_training_summary": ("0 5 1 1,7 *", "bank_support__training_summary"),
        "daily_drift": ("30 0 * * *", "bank_support__monitor"),
        "weekly_reevaluation": ("0 3 * * 1", "bank_support__reevaluate"),
        "monthly_review": ("0 6 1 * *", "bank_support__review"),
        "daily_anchor": ("20 5 * * *", "bank_support__anchor"),
        "daily_dates": ("30 5 * * *", "bank_support__dates_due"),
        "daily_coverage": ("50 5 * * *", "bank_support__coverage"),
        "daily_records": ("45 5 * * *", "bank_support__records_due"),
    }
    assert all(s.default_status == dg.DefaultScheduleStatus.RUNNING for s in found.values())
    assert all(s.execution_timezone == "UTC" and s.description for s in found.values())


def test_the_night_reads_all_sources_again(definitions: dg.Definitions) -> None:
    context = dg.build_schedule_context(scheduled_execution_time=MONDAY)
    (request,) = (
        definitions.resolve_schedule_def("bank_support__nightly_refresh").evaluate_tick(context).run_requests or []
    )
    assert request.run_config == {}


def test_drift_is_measured_for_the_day_that_is_over(tick, tmp_path: Path) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=30)
    assert tick("daily_drift", today) == "no golden set to compare with yet"
    publish(Platform(home=str(tmp_path)).lake, "bank_support/golden_set", {"golden.json": {"items": []}})
    request = tick("daily_drift", today)
    assert request.partition_key == request.run_key < today.date().isoformat()


def test_nothing_in_production_is_not_evaluated_again(tick) -> None:
    assert tick("weekly_reevaluation", MONDAY) == "nothing is in production"


def test_production_is_evaluated_again_apart_from_its_own_report(
    tick, definitions: dg.Definitions, tmp_path: Path
) -> None:
    lake, uc = Platform(home=str(tmp_path)).lake, bank_support()
    candidate(lake, uc, V1)
    decide(lake, uc, V1, name="Ada Approver", decision="approved", reason="read the card")
    release(lake, uc, V1, kind="promote", by="Olga Owner", reason="a demonstration")
    request = tick("weekly_reevaluation", MONDAY)
    assert (request.partition_key, request.run_key, request.run_config) == ("2026-12-07", "2026-12-07", {})
    job = definitions.resolve_job_def("bank_support__reevaluate")
    made = {key.path[1] for key in job.asset_layer.selected_asset_keys}
    assert "production_evaluation" in made and not made & {"eval_report", "model_card", "release_decision"}


def test_the_review_judges_production_again_once_there_is_one(
    tick, definitions: dg.Definitions, tmp_path: Path
) -> None:
    first = datetime(2026, 12, 1, 6, tzinfo=UTC)
    before = tick("monthly_review", first)
    assert (before.run_key, before.partition_key) == ("2026-12-01", "2026-12-01")
    assert [key.path[1] for key in before.asset_selection] == [
        "records",
        "release_history",
        "coverage_matrix",
        "internal_review",
    ]
    lake, uc = Platform(home=str(tmp_path)).lake, bank_support()
    candidate(lake, uc, V1)
    decide(lake, uc, V1, name="Ada Approver", decision="approved", reason="read the card")
    release(lake, uc, V1, kind="promote", by="Olga Owner", reason="a demonstration")
    assert tick("monthly_review", first).asset_selection is None
    made = {key.path[1] for key in definitions.resolve_job_def("bank_support__review").asset_layer.selected_asset_keys}
    assert {"production_evaluation", "coverage_matrix", "internal_review"} <= made
    assert not made & {"eval_report", "release_decision"}
