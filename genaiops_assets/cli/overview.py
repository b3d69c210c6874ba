"""Status: what stands where, read from the lake and Dagster's history, for people and for machines.

Belongs here: collecting. Does not belong here: printing (`status.py`), or reading the history (`history.py`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from genaiops_assets.cli.graph import card_of
from genaiops_assets.cli.history import Reads, history_of
from genaiops_assets.cli.session import Session
from genaiops_assets.drift import open_tasks
from genaiops_assets.governance.release import (
    approval_of,
    persons_gone,
    production_release,
    revocations,
    warning_of,
)
from genaiops_assets.governance.serving_stop import stop_of
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


def newest_version(lake: Lake, uc: UseCase) -> str | None:
    """The model version of the newest plan."""
    head = lake.heads.get(uc.key("model_plan"))
    return lake.current(uc.key("model_plan")).json("plan.json")["model_version"] if head else None


def collect(session: Session, uc: UseCase) -> dict[str, Any]:
    """{use_case, assets: [{key, group, partition, state, digest, checks: [{name, passed, severity, blocking}]}],
    production, serving_stopped, tasks, newest, revoked, removed_from_people, erased}.

    Model-side assets are shown for the newest model version, monitoring for the newest day that has one."""
    lake = session.lake
    version = newest_version(lake, uc)
    now = production_release(lake, uc)
    stop = stop_of(lake, uc.name)
    history = history_of(session.home / "dagster")
    versions = dict.fromkeys(v for v in (version, now.model_version if now else None) if v)
    return {
        "use_case": uc.name,
        "assets": [asset_status(asset, history, version) for asset in card_of(session.home, uc, session.definitions)],
        "production": now.model_version if now else None,
        "production_warning": warning_of(approval_of(lake, uc, now.model_version)) if now else "",
        "serving_stopped": stop.in_words() if stop else "",
        "tasks": [{**asdict(task), "id": task.id, "in_words": task.in_words()} for task in open_tasks(lake, uc)],
        "newest": {"model_version": version, "approval": approval_of(lake, uc, version).status if version else None},
        "revoked": {v: made.in_words() for v, made in revocations(lake, uc).items()},
        "removed_from_people": persons_gone(lake, uc),
        "erased": {v: list(approval_of(lake, uc, v).erased_since) for v in versions},
    }


def asset_status(asset: dict[str, Any], history: Reads, version: str | None) -> dict[str, Any]:
    key = asset["key"]
    partition = {"versions": version, "days": history.newest_partition(key)}.get(asset["partitions"] or "")
    digest = history.digest(key, partition)
    state = "missing" if digest is None else "materialized"
    if digest is None and asset["executable"] and history.failed_last(key):
        state = "failed"
    return {
        "key": key,
        "group": asset["group"],
        "partition": partition,
        "state": state,
        "digest": digest or None,
        "checks": [check_status(key, check, history, partition) for check in asset["checks"]],
    }


def check_status(key: str, check: dict[str, Any], history: Reads, partition: str | None) -> dict[str, Any]:
    """`passed` is None when the check never ran."""
    found = history.check(key, check["name"], partition if check["partitioned"] else None)
    return {"name": check["name"], "passed": found.passed, "severity": found.severity, "blocking": check["blocking"]}
