"""A run that was cut off is repeated from its failed steps: Dagster refuses that where step outputs lie in memory."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from genaiops_assets.orchestration.platform import step_outputs

MARK = "GENAIOPS_TEST_FOLDER"


def repeatable() -> dg.JobDefinition:
    import os

    folder = Path(os.environ[MARK])

    @dg.op
    def first() -> None: ...

    @dg.op(ins={"after": dg.In(dg.Nothing)})
    def second() -> None:
        if not (folder / "mended").exists():
            raise dg.Failure("the power went")

    @dg.job(resource_defs={"io_manager": step_outputs(folder)}, executor_def=dg.in_process_executor)
    def two_steps() -> None:
        second(after=first())

    return two_steps


def test_the_failed_steps_of_a_run_can_be_repeated_alone(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(MARK, str(tmp_path))
    job = dg.reconstructable(repeatable)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        cut_off = dg.execute_job(job, instance, raise_on_error=False)
        assert not cut_off.success
        (tmp_path / "mended").touch()
        again = dg.execute_job(
            job, instance, reexecution_options=dg.ReexecutionOptions.from_failure(cut_off.run_id, instance)
        )
        assert again.success
        assert {e.step_key for e in again.all_events if e.is_step_success} == {"second"}


def test_no_run_config_can_point_step_outputs_elsewhere(tmp_path: Path) -> None:
    assert step_outputs(tmp_path).config_schema.as_field().config_type.fields == {}
