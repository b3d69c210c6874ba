"""Following a run: it ends at its full count, and library noise is not repeated."""

import io
import time

import dagster as dg
import pytest

from genaiops_assets.cli import jobs, terminal


@dg.op(out=dg.Out(dg.Nothing))
def first(context: dg.OpExecutionContext) -> None:
    context.log.info("[dagster] external process successfully opened dagster pipes.")
    context.log.info("rows 1/2 [/x]")
    time.sleep(1.0)


@dg.op(ins={"after": dg.In(dg.Nothing)})
def last(context: dg.OpExecutionContext) -> None:
    if context.run.tags.get("fails"):
        raise dg.Failure("the [/x] input is bad", allow_retries=False)


@dg.job(executor_def=dg.in_process_executor)
def short() -> None:
    last(first())


@dg.job(executor_def=dg.in_process_executor, tags={"fails": "yes"})
def failing() -> None:
    last(first())


def followed(name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    out = io.StringIO()
    console = terminal.Terminal(file=out, width=200)
    monkeypatch.setattr(terminal, "console", console)
    with dg.instance_for_test() as instance:
        try:
            jobs.run_job(dg.Definitions(jobs=[short, failing]), instance, console, name)
        except jobs.JobFailed as error:
            out.write(f"FAILED {error}")
    return out.getvalue().splitlines()


def test_a_finished_run_ends_at_its_full_count(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = followed("short", monkeypatch)
    assert "  0/2 rows 1/2 [/x]" in lines and "  2/2 done" in lines
    assert not any("opened dagster pipes" in line for line in lines)
    assert lines[-1].startswith("✓ short") and "2/2 steps" in lines[-1]


def test_a_failed_run_ends_where_it_stopped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = followed("failing", monkeypatch)
    assert "  1/2 failed" in lines and lines[-1] == "FAILED last: the [/x] input is bad"
