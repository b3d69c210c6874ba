"""Dagster's history read without Dagster says what Dagster says of the same files."""

from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.cli.history import CheckResult, open_history
from genaiops_assets.cli.history_by_dagster import HistoryByDagster

DAYS = dg.DailyPartitionsDefinition("2026-01-01")
SWITCH = {"fails": False}


@dg.asset(key_prefix="shop")
def plain() -> dg.MaterializeResult:
    return dg.MaterializeResult(data_version=dg.DataVersion("d" * 64))


@dg.asset(key_prefix="shop", partitions_def=DAYS)
def daily(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    return dg.MaterializeResult(data_version=dg.DataVersion(context.partition_key))


@dg.asset(key_prefix="shop")
def failing() -> None:
    raise dg.Failure("no")


@dg.asset(key_prefix="shop")
def never() -> None: ...


@dg.asset_check(asset=plain)
def passes() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset=plain)
def fails() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=SWITCH["fails"], severity=dg.AssetCheckSeverity.ERROR)


@dg.asset_check(asset=plain)
def crashes() -> dg.AssetCheckResult:
    raise dg.Failure("no")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance in which something of each kind happened."""
    folder = tmp_path_factory.mktemp("instance")
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        dg.materialize([plain, passes, fails], instance=instance)
        SWITCH["fails"] = True
        dg.materialize([plain, fails], instance=instance)
        SWITCH["fails"] = False
        dg.materialize([plain, fails, crashes], instance=instance, raise_on_error=False)
        for day in ("2026-01-03", "2026-01-02"):
            dg.materialize([daily], instance=instance, partition_key=day)
        dg.materialize([failing], instance=instance, raise_on_error=False)
    return folder


def test_every_question_has_dagsters_answer(home: Path) -> None:
    ours = open_history(home)
    assert ours is not None
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        theirs = HistoryByDagster(instance)
        for key in ("shop/plain", "shop/daily", "shop/failing", "shop/never"):
            assert ours.newest_partition(key) == theirs.newest_partition(key)
            assert ours.failed_last(key) == theirs.failed_last(key)
            for partition in (None, "2026-01-02", "2026-01-09"):
                assert ours.digest(key, partition) == theirs.digest(key, partition), (key, partition)
        for check in ("passes", "fails", "crashes", "unknown"):
            for partition in (None, "2026-01-02"):
                assert ours.check("shop/plain", check, partition) == theirs.check("shop/plain", check, partition)


def test_the_answers_are_those_of_what_happened(home: Path) -> None:
    ours = open_history(home)
    assert ours is not None
    assert ours.digest("shop/plain", None) == "d" * 64 and ours.digest("shop/never", None) is None
    assert (
        ours.newest_partition("shop/daily") == "2026-01-03" and ours.digest("shop/daily", "2026-01-02") == "2026-01-02"
    )
    assert ours.failed_last("shop/failing") and not ours.failed_last("shop/daily")
    assert ours.check("shop/plain", "passes", None) == CheckResult(True, "WARN")
    assert ours.check("shop/plain", "fails", None) == CheckResult(False, "ERROR")
    assert ours.check("shop/plain", "crashes", None) == CheckResult(None, None)


def test_a_wiped_asset_is_missing(home: Path, tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        dg.materialize([plain], instance=instance)
        instance.wipe_assets([plain.key])
        ours = open_history(tmp_path)
        assert ours is not None and ours.digest("shop/plain", None) is None
        assert HistoryByDagster(instance).digest("shop/plain", None) is None


def test_an_instance_that_never_ran_has_an_empty_history(tmp_path: Path) -> None:
    ours = open_history(tmp_path)
    assert ours is not None and ours.digest("shop/plain", None) is None and not ours.failed_last("shop/plain")
    assert ours.check("shop/plain", "passes", None) == CheckResult(None, None) and ours.newest_partition("a/b") is None


def test_other_storage_and_other_tables_are_left_to_dagster(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("storage:\n  postgres:\n    postgres_url: x\n")
    assert open_history(tmp_path) is None
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    (tmp_path / "history" / "runs").mkdir(parents=True)
    (tmp_path / "history" / "runs" / "index.db").write_bytes(b"")
    assert open_history(tmp_path) is None
