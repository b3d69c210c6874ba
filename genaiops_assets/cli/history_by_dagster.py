"""Dagster's history asked of Dagster itself: for storage other than its SQLite files, and to hold `history.py` to it.

Belongs here: the same questions as there. Does not belong here: anything else."""

from __future__ import annotations

import dagster as dg

from genaiops_assets.cli.history import CheckResult


class HistoryByDagster:
    """Keys are asset keys joined by a slash."""

    def __init__(self, instance: dg.DagsterInstance | None = None):
        self.instance = instance or dg.DagsterInstance.get()

    def digest(self, key: str, partition: str | None) -> str | None:
        wanted = dg.AssetRecordsFilter(
            asset_key=dg.AssetKey.from_user_string(key), asset_partitions=[partition] if partition else None
        )
        records = self.instance.fetch_materializations(wanted, limit=1).records
        made = records[0].asset_materialization if records else None
        return (made.tags or {}).get("dagster/data_version", "") if made else None

    def newest_partition(self, key: str) -> str | None:
        return max(self.instance.get_materialized_partitions(dg.AssetKey.from_user_string(key)), default=None)

    def failed_last(self, key: str) -> bool:
        record = next(iter(self.instance.get_asset_records([dg.AssetKey.from_user_string(key)])), None)
        run_id = record.asset_entry.last_run_id if record else None
        run = self.instance.get_run_by_id(run_id) if run_id else None
        return bool(run and run.status == dg.DagsterRunStatus.FAILURE)

    def check(self, key: str, name: str, partition: str | None) -> CheckResult:
        from dagster._core.event_api import PartitionKeyFilter

        check = dg.AssetCheckKey(dg.AssetKey.from_user_string(key), name)
        found = self.instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [check], partition_filter=PartitionKeyFilter(key=partition) if partition else None
        ).get(check)
        event = found.event.dagster_event if found and found.event else None
        evaluation = event.event_specific_data if event else None
        severity = getattr(evaluation, "severity", None)
        return CheckResult(getattr(evaluation, "passed", None), severity.value if severity else None)
