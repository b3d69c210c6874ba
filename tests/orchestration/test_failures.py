"""Failures that repeating does not change, raised and recognised by one rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest
from alembic.script import ScriptDirectory

from genaiops_assets.compute.protocol import PayloadFailed
from genaiops_assets.orchestration.code_server import remember_migrations
from genaiops_assets.orchestration.failures import PermanentFailure, is_permanent


def raises(error: Exception) -> Callable[[], None]:
    def step() -> None:
        raise error

    return step


def failed_step(error: Exception) -> Any:
    job = dg.GraphDefinition(name="job", node_defs=[dg.op(name="step")(raises(error))]).to_job()
    result = job.execute_in_process(raise_on_error=False)
    return next(e.step_failure_data for e in result.all_events if e.is_step_failure)


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (PermanentFailure("wrong input"), True),
        (PayloadFailed("bad input", permanent=True), True),
        (PayloadFailed("out of memory"), False),
        (dg.Failure("who knows"), False),
        (RuntimeError("disk full"), False),
    ],
    ids=str,
)
def test_a_failure_says_whether_repeating_it_changes_anything(error: Exception, permanent: bool) -> None:
    assert is_permanent(failed_step(error)) is permanent
    assert getattr(error, "allow_retries", True) is not permanent


def test_opening_the_databases_again_reads_no_migration_scripts(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptDirectory, "from_config", ScriptDirectory.from_config)  # put back afterwards
    read: list[str] = []
    load = ScriptDirectory._load_revisions
    monkeypatch.setattr(
        ScriptDirectory, "_load_revisions", lambda self: read.append(str(self.dir)) or load(self)
    )  # counts, and reads
    remember_migrations()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        again = instance.get_ref()
        before = len(read)
        for _ in range(3):
            with dg.DagsterInstance.from_ref(again) as opened:
                assert opened.get_runs_count() == 0
    assert len(read) == before
