"""Check results recorded outside a run, by a person's command or a job.

Belongs here: the few lines that need Dagster's internals for it. Does not belong here: what a result says.
"""

from __future__ import annotations

import dagster as dg


def show_check(
    instance: dg.DagsterInstance, key: dg.AssetKey, name: str, result: dg.AssetCheckResult, partition: str | None
) -> None:
    """Store a check's new state, aimed at the materialization it judges: without that target Dagster calls it stale."""
    wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[partition] if partition else None)
    records = instance.fetch_materializations(wanted, limit=1).records
    target = None
    if records:
        from dagster._core.definitions.asset_checks.asset_check_evaluation import (
            AssetCheckEvaluationTargetMaterializationData as Target,
        )

        target = Target(storage_id=records[0].storage_id, run_id=records[0].run_id, timestamp=records[0].timestamp)
    if partition:
        forget_shown(instance, key, name, partition)
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=name,
            passed=result.passed,
            metadata=result.metadata,
            severity=result.severity,
            target_materialization_data=target,
            partition=partition,
        )
    )


def forget_shown(instance: dg.DagsterInstance, key: dg.AssetKey, name: str, partition: str) -> None:
    """Dagster 1.13 holds one result of a check and partition outside of runs and fails on the second. The events stay
    in its log; this makes room for the newest in its index."""
    from dagster._core.storage.event_log import SqlEventLogStorage
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Shown

    if isinstance(storage := instance.event_log_storage, SqlEventLogStorage):
        which = (
            Shown.c.asset_key == key.to_string(),
            Shown.c.check_name == name,
            Shown.c.run_id == "",
            Shown.c.partition == partition,
        )
        with storage.index_connection() as connection:
            connection.execute(Shown.delete().where(*which))
