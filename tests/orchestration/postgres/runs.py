"""Small runs with assets and a check, for homes on any storage."""

from __future__ import annotations

import dagster as dg


@dg.asset
def first() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(data_version=dg.DataVersion("one"), metadata={"ledger": "abc"})


@dg.asset(deps=[first])
def second() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(data_version=dg.DataVersion("two"))


@dg.asset_check(asset=second)
def judged() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


DEFS = dg.Definitions(assets=[first, second], asset_checks=[judged], executor=dg.in_process_executor)


def run_once(instance: dg.DagsterInstance) -> str:
    """Returns the run's id."""
    return DEFS.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance).run_id
