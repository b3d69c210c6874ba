"""In a refresh, what leads to the index goes before the reports: people wait for it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
from dagster._core.execution.api import create_execution_plan

from genaiops_assets.definitions import build_defs
from genaiops_assets.orchestration.phases import TO_THE_INDEX
from genaiops_assets.orchestration.platform import Platform
from tests.support.lakes import bank_support

REPORTS = ("corpus_profile", "data_quality_report", "decontamination_report", "datasheet", "toxicity_probe_set")


def test_what_leads_to_the_index_is_more_urgent_than_any_report(tmp_path: Path) -> None:
    job = build_defs([bank_support()], Platform(home=str(tmp_path))).resolve_job_def("bank_support__refresh")
    plan = create_execution_plan(job)
    urgent = {step.key for step in plan.steps if step.tags.get("dagster/priority") == "1"}  # type: ignore[union-attr]
    assert {f"bank_support__{name}" for name in TO_THE_INDEX} <= urgent
    assert not urgent & {f"bank_support__{name}" for name in REPORTS}
    assert {"bank_support__documents__expectations", "bank_support__privacy_record_residual_rate_is_low"} <= urgent, (
        "a blocking check waits for nothing else, or what lies behind it would"
    )


def test_dagster_starts_the_more_urgent_step_first(tmp_path: Path) -> None:
    @dg.op
    def early() -> None: ...

    @dg.op(tags={"dagster/priority": "1"})
    def urgent() -> None: ...

    @dg.job(executor_def=dg.in_process_executor)
    def both() -> None:
        early()
        urgent()

    with dg.DagsterInstance.ephemeral() as instance:
        run = both.execute_in_process(instance=instance)
    order = [event.step_key for event in run.all_events if event.event_type is dg.DagsterEventType.STEP_START]
    assert order == ["urgent", "early"]
