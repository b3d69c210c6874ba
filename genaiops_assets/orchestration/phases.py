"""Phases: what all assets of a phase have in common (CRISP-ML(Q) group, SMACTR tag, owners, key prefix, retries).

Belongs here: the decorator factories for assets and checks, the executor and the names that carry the use case. Does
not belong here: any single asset."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg

from genaiops_assets.orchestration.automation import when_inputs_change
from genaiops_assets.orchestration.code import version_of
from genaiops_assets.orchestration.gates import recording
from genaiops_assets.orchestration.making import Reads, given_making
from genaiops_assets.use_case import UseCase

SMACTR = {
    "scoping": "scoping",
    "corpus": "artifact_collection",
    "knowledge": "artifact_collection",
    "alignment": "artifact_collection",
    "evaluation": "testing",
    "release": "reflection",
    "monitoring": "reflection",
}
TRAINING_POOL = "training"
# What leads from a document to the index goes before the reports of the same run: people wait for it.
TO_THE_INDEX = ("documents", "filtered_corpus", "pii_probe_set", "privacy_record", "chunks", "embeddings_index")


def owner_name(person: str) -> str:
    """A person as a Dagster owner: an address as it is, a name as a team handle."""
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", person):
        return person
    return "team:" + (re.sub(r"[^A-Za-z0-9]+", "-", person).strip("-").lower() or f"owner-{abs(hash_of(person))}")


def hash_of(text: str) -> int:
    import zlib

    return zlib.crc32(text.encode())


def group_of(uc: UseCase, phase: str) -> str:
    return f"{uc.name}__{phase}"


def versions_of(uc: UseCase) -> dg.DynamicPartitionsDefinition:
    """Model versions `mv-<12 hex>` of a use case."""
    return dg.DynamicPartitionsDefinition(name=f"{uc.name}__model_version")


def days_of(uc: UseCase) -> dg.DailyPartitionsDefinition:
    """Days in UTC from the day before the criteria were written (their author's date may be ahead of UTC); today
    exists."""
    start = date.fromisoformat(uc.success_criteria.written_on) - timedelta(days=1)
    return dg.DailyPartitionsDefinition(start_date=start.isoformat(), end_offset=1, timezone="UTC")


def writer_pool(uc: UseCase) -> str:
    return f"{uc.name}__tables"


def urgency(asset: str) -> dict[str, str]:
    """The op tags of an asset, or of a check on it, that is made before others that could be."""
    return {"dagster/priority": "1"} if asset in TO_THE_INDEX else {}


def phase(uc: UseCase, name: str) -> Callable[..., Any]:
    """`@dg.asset` with everything that assets of one phase share. Its function takes a `Making`; lineage and memo key
    follow from `reads`, `parts` and `gates` (`making.py`)."""

    def asset(
        *,
        kinds: set[str],
        code_version: str = "1",
        description: str,
        reads: Sequence[str] | Mapping[str, str] = (),
        parts: Sequence[str] = (),
        gates: Sequence[str] = (),
        article: str | None = None,
        smactr: str | None = None,
        **more: Any,
    ) -> Any:
        tags = {"phase": name, "smactr": smactr or SMACTR[name], **({"article": article} if article else {})}
        more.setdefault("automation_condition", when_inputs_change())

        def declare(function: Any) -> Any:
            own = more.get("name") or function.__name__
            depends = Reads.declared(reads, parts, gates)
            return dg.asset(
                key_prefix=[uc.name],
                group_name=group_of(uc, name),
                kinds=kinds,
                owners=[owner_name(p) for p in uc.people.answering_for(name)][:5],
                tags=tags,
                code_version=version_of(own, code_version),
                description=description,
                deps=[dg.AssetKey([uc.name, d]) for d in depends.deps],
                op_tags=urgency(own),
                **more,
            )(given_making(uc, own, code_version, depends, function, partitioned="partitions_def" in more))

        return declare

    return asset


def external(
    uc: UseCase,
    phase: str,
    name: str,
    *,
    deps: list[str],
    description: str,
    article: str,
    kinds: set[str] | None = None,
) -> dg.AssetSpec:
    """An asset that no run of the graph makes: a job, a sensor or the world does."""
    return dg.AssetSpec(
        dg.AssetKey([uc.name, name]),
        deps=[dg.AssetKey([uc.name, d]) for d in deps],
        group_name=group_of(uc, phase),
        kinds=kinds or {"pointer"},
        owners=[owner_name(p) for p in uc.people.answering_for(phase)][:5],
        tags={"phase": phase, "smactr": SMACTR[phase], "article": article},
        description=description,
    )


def check(uc: UseCase, asset: str, *, blocking: bool = False, **more: Any) -> Any:
    """`@dg.asset_check` on an asset of the use case. The outcome of a blocking one is recorded with what it judged."""
    tags = urgency(asset) if blocking else {}
    declared = dg.asset_check(asset=dg.AssetKey([uc.name, asset]), blocking=blocking, op_tags=tags, **more)
    if not blocking:
        return declared
    partitioned = more.get("partitions_def") is not None
    return lambda function: declared(
        recording(uc, asset, function, more.get("name") or function.__name__, partitioned=partitioned)
    )


def data_gate(passed: bool, **metadata: Any) -> dg.AssetCheckResult:
    """A blocking finding: ERROR when it fails."""
    return dg.AssetCheckResult(passed=passed, severity=dg.AssetCheckSeverity.ERROR, metadata=metadata)


def notice(passed: bool, **metadata: Any) -> dg.AssetCheckResult:
    """A finding people should see: WARN, stops nothing."""
    return dg.AssetCheckResult(passed=passed, severity=dg.AssetCheckSeverity.WARN, metadata=metadata)
