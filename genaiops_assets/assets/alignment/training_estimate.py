"""Checks on what a training was expected to need and to compute: the estimate against the measurement, one method of
counting operations against the other."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import RECORD, Data, disagreement, estimate_problem, method_of, off_by
from genaiops_assets.lake import Artifact
from genaiops_assets.orchestration.phases import check, notice, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

UNKNOWN = "not measured"


def training_estimate_checks(uc: UseCase) -> list[Any]:
    if method_of(uc.alignment.method).data is Data.NOTHING:
        return []
    versions = versions_of(uc)

    @check(
        uc,
        "aligned_checkpoint",
        partitions_def=versions,
        description="The memory and time that were expected before the training are within a quarter of what it took.",
    )
    def estimate_was_right(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        run = platform.lake.current(uc.key("aligned_checkpoint"), context.partition_key).provenance().get("run")
        if not run:
            return notice(True, problem="none: a checkpoint without training, or of an earlier version")
        return notice(not (problem := estimate_problem(run)), problem=problem or "none", **compared(run))

    @check(
        uc,
        "aligned_checkpoint",
        partitions_def=versions,
        description="The operations that were counted and those by formula are within 30 % of each other.",
    )
    def operations_agree(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        checkpoint = platform.lake.current(uc.key("aligned_checkpoint"), context.partition_key)
        record = record_of(checkpoint)
        if record is None:
            return notice(True, problem="none: a checkpoint without training, or of an earlier version")
        problem, compute = disagreement(record["compute"]), record["compute"]
        told = {name: compute[name] or UNKNOWN for name in ("counted", "formula", "upper_bound_6pd", "agreement")}
        return notice(not problem, problem=problem or "none", **told)

    return [estimate_was_right, operations_agree]


def record_of(checkpoint: Artifact) -> dict[str, Any] | None:
    """The run record of a checkpoint; those of earlier versions have none."""
    return checkpoint.json(RECORD) if checkpoint.local(RECORD).exists() else None


def compared(run: dict[str, Any]) -> dict[str, Any]:
    """Expected beside measured."""
    estimate = run.get("estimate") or {}
    pairs = {
        "memory_bytes": (estimate.get("peak_rss_bytes"), run["peak_rss_bytes"]),
        "seconds": (estimate.get("seconds"), run.get("training_seconds")),
        "cpu_seconds": (estimate.get("cpu_seconds"), run.get("training_cpu_seconds")),
    }
    told: dict[str, Any] = {"processes": run["processes"]}
    for name, (expected, measured) in pairs.items():
        told |= {
            f"{name}_expected": UNKNOWN if expected is None else expected,
            f"{name}_measured": UNKNOWN if measured is None else measured,
            f"{name}_off_by": UNKNOWN if (off := off_by(expected, measured)) is None else off,
        }
    return told
