"""Running jobs from the command line: in this process, recorded in Dagster's history, with a bar.

Belongs here: executing a job and showing how far it is. Does not belong here: which job is run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from genaiops_assets.cli.terminal import clean, say
from genaiops_assets.errors import GenaiopsError
from genaiops_assets.orchestration.home import find_home
from genaiops_assets.orchestration.open_files import open_files
from genaiops_assets.orchestration.orphans import own_run
from genaiops_assets.orchestration.persons import at_the_command_line

EVERY = 0.7  # seconds between two looks at a run
NOISE = "external process successfully opened dagster pipes"  # said once a payload; nobody can use it
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class JobFailed(GenaiopsError, RuntimeError):
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
    with (
        own_run(home := find_home()) as tags,
        at_the_command_line(),
        open_files(home / "dagster") as files,
        bar(console, name, len(steps)) as follow,
    ):
        watcher = Watcher(instance, tags, name, follow, files.keep_run)
        with watcher.watching():
            result = job.execute_in_process(
                instance=instance, partition_key=partition, run_config=config, tags=tags, raise_on_error=False
            )
        watcher.look(result.run_id)
        follow(len(steps) if result.success else watcher.done, "done" if result.success else "failed")
    if not result.success:
        raise JobFailed(explain(instance, result.run_id))
    return result.run_id


@contextmanager
def bar(console: Console, name: str, steps: int) -> Iterator[Callable[[int, str], None]]:
    """A bar over the steps with the present one's own progress beside it; without a terminal, a line for each step of
    it."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.fields[job]}", style="bold", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total} steps"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=False) as progress:
        task, said = progress.add_task("starting", total=steps, job=name), [""]

        def follow(done: int, what: str) -> None:
            progress.update(task, completed=done, description=clean(what))
            if not console.is_terminal and what and said[0] != (line := f"{done}/{steps} {what}"):
                said[0] = line
                say(f"  {line}")

        yield follow


class Watcher:
    """Reads a run's events as they come and tells how many steps are done and what is being done. `found` is told the
    run's id once."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        tags: dict[str, str],
        name: str,
        follow: Callable[[int, str], None],
        found: Callable[[str], None],
    ):
        self.instance, self.tags, self.name, self.follow, self.found = instance, tags, name, follow, found
        self.done, self.what = 0, ""
        self.cursor: str | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look every EVERY seconds, in a thread, while the body runs."""
        stop = threading.Event()
        thread = threading.Thread(target=self._watch, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(5)

    def _watch(self, stop: threading.Event) -> None:
        run_id = None
        while not stop.wait(EVERY):
            if run_id is None:
                runs = self.instance.get_runs(dg.RunsFilter(job_name=self.name, tags=self.tags), limit=1)
                run_id = runs[0].run_id if runs else None
                if run_id:
                    self.found(run_id)
            if run_id and self.look(run_id):
                self.follow(self.done, self.what[:80])

    def look(self, run_id: str) -> bool:
        """Take in what was logged since the last look. Returns whether there was anything."""
        page = self.instance.get_records_for_run(run_id, cursor=self.cursor)
        self.cursor = page.cursor
        for record in page.records:
            entry = record.event_log_entry
            event = entry.dagster_event
            if event is None:
                self.what = self.what if NOISE in entry.user_message else entry.user_message or self.what
            elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
                self.done += 1
            elif event.event_type == dg.DagsterEventType.STEP_START and event.step_key:
                self.what = event.step_key.split("__", 1)[-1].replace("__", " ")
        return bool(page.records)


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
