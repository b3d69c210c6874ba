"""Running jobs from the command line: in this process, recorded in Dagster's history, with a bar.

Belongs here: executing a job and showing how far it is. Does not belong here: which job (`cli.py`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from genaiops_assets.orchestration.home import find_home
from genaiops_assets.orchestration.orphans import own_run
from genaiops_assets.orchestration.persons import at_the_command_line

PROGRESS = re.compile(r"^(?P<what>.+?) (?P<done>\d+)/(?P<total>\d+)(?P<rate> · [\d.]+/s)?$")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class JobFailed(RuntimeError):
    """A job did not succeed; the message says which step and why."""


def run_job(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    console: Console,
    name: str,
    *,
    partition: str | None = None,
    ops: dict[str, Any] | None = None,
) -> str:
    """Execute a job and follow it. Returns the run id. Raises JobFailed."""
    job = definitions.resolve_job_def(name)
    steps = [n.name for n in job.graph.nodes]
    config = {**QUIET, **({"ops": ops} if ops else {})}
    with own_run(find_home()) as tags, at_the_command_line(), bar(console, name, len(steps)) as follow:
        thread = threading.Thread(
            target=follow_run, args=(instance, tags, name, follow, stop := threading.Event()), daemon=True
        )
        thread.start()
        try:
            result = job.execute_in_process(
                instance=instance, partition_key=partition, run_config=config, tags=tags, raise_on_error=False
            )
        finally:
            stop.set()
            thread.join(5)
    if not result.success:
        raise JobFailed(explain(instance, result.run_id))
    return result.run_id


@contextmanager
def bar(console: Console, name: str, steps: int) -> Iterator[Any]:
    """A bar over the steps with the present one's own progress beside it."""
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[job]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total} steps"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=False) as progress:
        task = progress.add_task("starting", total=steps, job=name)

        def follow(done: int, what: str) -> None:
            progress.update(task, completed=done, description=what)
            if not console.is_terminal and what:
                console.print(f"  {done}/{steps} {what}", highlight=False)

        yield follow
        progress.update(task, description="")


def follow_run(
    instance: dg.DagsterInstance, tags: dict[str, str], name: str, follow: Any, stop: threading.Event
) -> None:
    """Read the run's events as they come and tell the bar."""
    run_id, cursor, done, said = None, None, 0, ""
    while not stop.wait(0.7):
        if run_id is None:
            runs = instance.get_runs(dg.RunsFilter(job_name=name, tags=tags), limit=1)
            if not runs:
                continue
            run_id = runs[0].run_id
        page = instance.get_records_for_run(run_id, cursor=cursor)
        cursor, what = page.cursor, said
        for record in page.records:
            entry = record.event_log_entry
            event = entry.dagster_event
            if event is None:
                what = entry.user_message or what
            elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
                done += 1
            elif event.event_type == dg.DagsterEventType.STEP_START and event.step_key:
                what = event.step_key.split("__", 1)[-1].replace("__", " ")
        if what != said or page.records:
            follow(done, what[:80])
            said = what


def explain(instance: dg.DagsterInstance, run_id: str) -> str:
    """The first failed step and its reason, without Dagster's stack."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        data = entry.dagster_event.step_failure_data if entry.dagster_event else None
        if data is None:
            continue
        step = (entry.dagster_event.step_key or "") if entry.dagster_event else ""
        if data.user_failure_data and data.user_failure_data.description:
            return f"{step}: {data.user_failure_data.description}"
        error = data.error
        while error and error.cause:
            error = error.cause
        if error:
            return f"{step}: {error.message.strip()}"
    return f"run {run_id} failed before its first step; see the UI"
