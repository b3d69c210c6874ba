"""Status: what stands where, read from Dagster's instance and the lake, for people and for machines.

Belongs here: collecting. Does not belong here: printing (`status.py`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.drift import open_tasks
from genaiops_assets.governance.release import approval_of, production_release
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.phases import SMACTR
from genaiops_assets.use_case import UseCase


def newest_version(lake: Lake, uc: UseCase) -> str | None:
    """The model version of the newest plan."""
    head = lake.heads.get(uc.key("model_plan"))
    return lake.current(uc.key("model_plan")).json("plan.json")["model_version"] if head else None


def collect(definitions: dg.Definitions, instance: dg.DagsterInstance, lake: Lake, uc: UseCase) -> dict[str, Any]:
    """{use_case, assets: [{key, group, partition, state, digest, checks: [{name, passed, severity, blocking}]}],
    production, tasks, newest, erased}.

    Model-side assets are shown for the newest model version, monitoring for the newest day that has one."""
    graph = definitions.resolve_asset_graph()
    version = newest_version(lake, uc)
    now = production_release(lake, uc)
    own = [k for k in graph.toposorted_asset_keys if k.path[0] == uc.name]
    keys = sorted(own, key=lambda k: place_of(graph.get(k).group_name))
    return {
        "use_case": uc.name,
        "assets": [asset_status(graph, instance, key, version) for key in keys],
        "production": now.model_version if now else None,
        "tasks": [{**asdict(task), "in_words": task.in_words()} for task in open_tasks(lake, uc)],
        "newest": {"model_version": version, "approval": approval_of(lake, uc, version).status if version else None},
        "erased": {
            v: list(approval_of(lake, uc, v).erased_since)
            for v in dict.fromkeys([version, now.model_version if now else None])
            if v
        },
    }


def place_of(group: str | None) -> int:
    """Phases in the order of the life."""
    phase = (group or "").split("__")[-1]
    return list(SMACTR).index(phase) if phase in SMACTR else len(SMACTR)


def asset_status(graph: Any, instance: dg.DagsterInstance, key: dg.AssetKey, version: str | None) -> dict[str, Any]:
    node = graph.get(key)
    partition = partition_shown(instance, node, version)
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=key, asset_partitions=[partition] if partition else None), limit=1
    ).records
    made = records[0].asset_materialization if records else None
    state = "materialized" if made else "missing"
    if not made and node.is_executable and failed_last(instance, key):
        state = "failed"
    return {
        "key": key.to_user_string(),
        "group": node.group_name,
        "partition": partition,
        "state": state,
        "digest": (made.tags or {}).get("dagster/data_version") if made else None,
        "checks": [check_status(graph, instance, c, partition) for c in sorted(node.check_keys, key=lambda c: c.name)],
    }


def partition_shown(instance: dg.DagsterInstance, node: Any, version: str | None) -> str | None:
    if node.partitions_def is None:
        return None
    if isinstance(node.partitions_def, dg.DynamicPartitionsDefinition):
        return version
    days = instance.get_materialized_partitions(node.key)
    return max(days, default=None)


def failed_last(instance: dg.DagsterInstance, key: dg.AssetKey) -> bool:
    record = next(iter(instance.get_asset_records([key])), None)
    run_id = record.asset_entry.last_run_id if record else None
    run = instance.get_run_by_id(run_id) if run_id else None
    return bool(run and run.status == dg.DagsterRunStatus.FAILURE)


def check_status(
    graph: Any, instance: dg.DagsterInstance, key: dg.AssetCheckKey, partition: str | None
) -> dict[str, Any]:
    """`passed` is None when the check never ran."""
    from dagster._core.event_api import PartitionKeyFilter

    node = graph.get(key)
    wanted = PartitionKeyFilter(key=partition) if partition and node.partitions_def is not None else None
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key([key], partition_filter=wanted).get(key)
    evaluation = (
        found.event.dagster_event.event_specific_data if found and found.event and found.event.dagster_event else None
    )
    passed = getattr(evaluation, "passed", None)
    severity = getattr(evaluation, "severity", None)
    return {
        "name": key.name,
        "passed": passed,
        "severity": severity.value if severity else None,
        "blocking": bool(node.blocking),
    }
