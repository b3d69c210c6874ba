"""How every asset is made: ask the memo, work under a lease, publish, tell Dagster.

Belongs here: that one way, and the translation of an artifact's summary into metadata people want to see. Does not
belong here: what any asset computes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import dagster as dg

from genaiops_assets.compute import describe_hardware
from genaiops_assets.lake import Snapshot, Workplace, memo_key
from genaiops_assets.orchestration.code import version_of
from genaiops_assets.orchestration.metadata import metadata_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.upgrade import carry_over
from genaiops_assets.use_case import UseCase

LIBRARIES = (
    "dagster",
    "polars",
    "lancedb",
    "py-data-juicer",
    "trl",
    "transformers",
    "torch",
    "peft",
    "bitsandbytes",
    "great-expectations",
)
PREVIEW_ROWS = 20


@dataclass(frozen=True)
class Built:
    """What a build left in staging: `figures` (numbers and short texts), `tables` (rows of scalars; never document
    text) and the table snapshots the artifact stands for."""

    figures: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()
    ledger_head: str = ""
    page: str = ""  # name of the Markdown file that people read, shown whole in the UI
    run: dict[str, Any] = field(default_factory=dict)  # what varies from run to run: kept with the provenance


def produce(
    context: Any,
    platform: Platform,
    uc: UseCase,
    name: str,
    *,
    inputs: dict[str, str],
    config: Any,
    code_version: str,
    build: Callable[[Workplace], Built],
    seed: int | None = None,
    partition: str | None = None,
    planned_code: bool = False,
) -> dg.MaterializeResult:
    """Make an asset's output from input digests, or find that it was made before. `build` writes into `place.staging`.

    `code_version`: the number people raise; the digest of code and libraries is added to it, unless `planned_code` says
    that a plan froze the whole."""
    lake, asset = platform.lake, uc.key(name)
    number, code_version = code_version, code_version if planned_code else version_of(name, code_version)
    key = memo_key(asset, inputs, code_version, config, seed)
    carry_over(lake, asset, partition, key, memo_key(asset, inputs, number, config, seed), code_version)
    artifact, reused = lake.remembered(asset, key), True
    if artifact is None:
        with lake.work(
            key, on_wait=lambda: context.log.info(f"{asset}: another worker makes the same output, waiting for it")
        ) as place:
            artifact = lake.remembered(asset, key)
            if artifact is None:
                reused, began = False, time.monotonic()
                built = build(place)
                seconds = time.monotonic() - began
                facts = provenance(context, asset, partition, inputs, config, code_version, seed, seconds)
                artifact = lake.publish(
                    asset,
                    partition,
                    key,
                    place.staging,
                    snapshots=built.snapshots,
                    summary=summary_of(built),
                    provenance={**facts, **({"run": built.run} if built.run else {})},
                )
                lake.forget_scratch(key)
    lake.point(asset, partition, artifact, key)
    return dg.MaterializeResult(
        metadata={**metadata_of(artifact), "reused": reused, "ledger": lake.ledger.head_hash()[:16]},
        data_version=dg.DataVersion(artifact.digest),
    )


def summary_of(built: Built) -> dict[str, Any]:
    tables = {name: rows[:PREVIEW_ROWS] for name, rows in built.tables.items()}
    head = {"ledger_head": built.ledger_head} if built.ledger_head else {}
    columns = {name: list(rows[0]) for name, rows in tables.items() if rows}  # their order: canonical JSON keeps none
    page = {"page": built.page} if built.page else {}
    return {"figures": built.figures, "tables": tables, "columns": columns, **page, **head}


def provenance(
    context: Any,
    asset: str,
    partition: str | None,
    inputs: dict[str, str],
    config: Any,
    code_version: str,
    seed: int | None,
    seconds: float,
) -> dict[str, Any]:
    """The record beside an artifact: how it came to be, on what, and at what cost."""
    return {
        "asset": asset,
        "partition": partition,
        "inputs": inputs,
        "config": config,
        "code_version": code_version,
        "seed": seed,
        "run_id": context.run_id,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "libraries": library_versions(),
        "hardware": describe_hardware(),
    }


def library_versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
