"""A check of `audit_summary`: the pack of what was examined, hashed again file by file."""

from typing import Any

import dagster as dg

from genaiops_assets.lake import Lake, intact
from genaiops_assets.orchestration.phases import check, data_gate, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

NAME = "audit_summary"


def pack_verifies_checks(uc: UseCase) -> list[Any]:
    @check(
        uc,
        NAME,
        partitions_def=versions_of(uc),
        description="Every artifact of the pack is there, as the ledger knows it, and each of its files has its hash.",
    )
    def pack_verifies(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        pack = lake.current(uc.key(NAME), context.partition_key).json("pack.json")["artifacts"]
        problems = [problem for one in pack for problem in pack_problems(lake, one["asset"], one["digest"])]
        return data_gate(not problems, artifacts=len(pack), problems="; ".join(problems[:10]) or "none")

    return [pack_verifies]


def pack_problems(lake: Lake, asset: str, digest: str) -> list[str]:
    """What is wrong with one artifact, each named."""
    if not lake.artifacts.has(asset, digest):
        return [f"{asset}@{digest[:12]} is missing"]
    return intact(lake, asset, digest)
