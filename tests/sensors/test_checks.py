"""Red checks reach the ledger once, and once more when they pass again."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import DagsterEvent
from dagster._core.test_utils import create_run_for_test

from tests.sensors.watch import Watch

KEY, NAME = dg.AssetKey(["bank_support", "embeddings_index"]), "index_recall_is_high"


def evaluate(watched: Watch, passed: bool, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR) -> None:
    evaluation = dg.AssetCheckEvaluation(asset_key=KEY, check_name=NAME, passed=passed, severity=severity, metadata={})
    watched.instance.report_runless_asset_event(evaluation)


def kinds(watched: Watch) -> list[str]:
    """Turns to red and back, in order."""
    return [e.kind for e in watched.lake.ledger.entries() if e.kind != "checks_evaluated"]


def verdicts(watched: Watch) -> list[tuple[str, dict[str, str]]]:
    found = watched.lake.ledger.entries("checks_evaluated")
    return [(e.body["run"], e.body["verdicts"]) for e in found]


@pytest.fixture
def checks(watch) -> Watch:
    return watch("failed_checks")


def test_a_red_check_is_written_once_and_its_passing_too(checks: Watch) -> None:
    assert checks.reason() == "0 checks evaluated, 0 red: none"
    evaluate(checks, passed=False)
    assert "1 red: bank_support/embeddings_index:index_recall_is_high" in checks.reason()
    checks.reason()
    evaluate(checks, passed=False)
    checks.reason()
    assert kinds(checks) == ["check_failed"]
    evaluate(checks, passed=True)
    checks.reason()
    checks.reason()
    assert kinds(checks) == ["check_failed", "check_passed_again"]


def test_a_red_check_that_runs_again_is_red_until_it_has_passed(checks: Watch) -> None:
    evaluate(checks, passed=False)
    checks.reason()
    planned = AssetCheckEvaluationPlanned(asset_key=KEY, check_name=NAME)
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value
    event = DagsterEvent(event_type_value=kind, job_name="a job", event_specific_data=planned, message="")
    checks.instance.report_dagster_event(event, run_id=create_run_for_test(checks.instance).run_id)
    assert "0 checks evaluated, 1 red" in checks.reason() and kinds(checks) == ["check_failed"]
    evaluate(checks, passed=True)
    checks.reason()
    assert kinds(checks) == ["check_failed", "check_passed_again"]


def test_a_warning_is_no_failure(checks: Watch) -> None:
    evaluate(checks, passed=False, severity=dg.AssetCheckSeverity.WARN)
    assert "1 checks evaluated, 0 red" in checks.reason() and kinds(checks) == []


@pytest.mark.parametrize("cursor", [None, "not json", '{"schema_version": 9}'])
def test_a_lost_cursor_writes_nothing_twice(checks: Watch, cursor: str | None) -> None:
    evaluate(checks, passed=False)
    checks.reason()
    checks.cursor = cursor
    checks.reason()
    assert kinds(checks) == ["check_failed"]
    checks.cursor = cursor
    evaluate(checks, passed=True)
    checks.reason()
    assert kinds(checks) == ["check_failed", "check_passed_again"]


# --- verdicts are evidence --------------------------------------------------------------------------------------------


def evaluated_in(watched: Watch, run_id: str, asset: str, check: str, passed: bool) -> None:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(["bank_support", asset]), check_name=check, passed=passed, metadata={}
    )
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION.value
    event = DagsterEvent(event_type_value=kind, job_name="a job", event_specific_data=evaluation, message="")
    watched.instance.report_dagster_event(event, run_id=run_id)


def test_a_run_is_one_entry_with_all_its_verdicts_passed_ones_too(checks: Watch) -> None:
    run = create_run_for_test(checks.instance, status=dg.DagsterRunStatus.SUCCESS).run_id
    evaluated_in(checks, run, "embeddings_index", NAME, passed=True)
    evaluated_in(checks, run, "embeddings_index", "index_rows_equal_chunks", passed=False)
    checks.reason()
    checks.reason()
    assert verdicts(checks) == [
        (
            run,
            {
                "bank_support/embeddings_index:index_recall_is_high": "passed",
                "bank_support/embeddings_index:index_rows_equal_chunks": "failed",
            },
        )
    ]


def test_the_verdicts_of_a_run_wait_for_its_end(checks: Watch) -> None:
    run = create_run_for_test(checks.instance, status=dg.DagsterRunStatus.STARTED)
    evaluated_in(checks, run.run_id, "embeddings_index", NAME, passed=True)
    checks.reason()
    assert verdicts(checks) == []
    evaluated_in(checks, run.run_id, "embeddings_index", "index_rows_equal_chunks", passed=True)
    checks.instance.handle_run_event(
        run.run_id, DagsterEvent(event_type_value=dg.DagsterEventType.RUN_SUCCESS.value, job_name="a job", message="")
    )
    checks.reason()
    assert [len(found) for _, found in verdicts(checks)] == [2]


def test_a_lost_cursor_tells_no_verdict_twice(checks: Watch) -> None:
    run = create_run_for_test(checks.instance, status=dg.DagsterRunStatus.SUCCESS).run_id
    evaluated_in(checks, run, "embeddings_index", NAME, passed=True)
    checks.reason()
    checks.cursor = None
    checks.reason()
    assert len(verdicts(checks)) == 1
