"""The graph of one use case as data, and how each asset in it stands now.

Belongs here: translating Dagster's definitions and events for rooms that do not know Dagster. Does not belong here:
what is made of it (`governance/compliance`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg

from genaiops_assets.governance.compliance import Described, State
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.check_results import newest_finished
from genaiops_assets.use_case import UseCase


def described(made: Iterable[Any]) -> list[Described]:
    """Assets and checks of one use case, as definitions or specs, in alphabetical order."""
    things = list(made)
    checks: dict[str, set[str]] = {}
    for spec in (s for thing in things if isinstance(thing, dg.AssetChecksDefinition) for s in thing.check_specs):
        checks.setdefault(spec.asset_key.path[-1], set()).add(spec.name)
    found = [
        Described(
            name=spec.key.path[-1],
            phase=spec.tags.get("phase", ""),
            smactr=spec.tags.get("smactr", ""),
            article=spec.tags.get("article", ""),
            external=external,
            checks=tuple(sorted(checks.get(spec.key.path[-1], ()))),
        )
        for spec, external in specs_of(things)
    ]
    return sorted(found, key=lambda asset: asset.name)


def specs_of(things: Sequence[Any]) -> Iterator[tuple[dg.AssetSpec, bool]]:
    """(spec, whether no run makes it) of everything that is an asset."""
    for thing in things:
        if isinstance(thing, dg.AssetSpec):
            yield thing, True
        elif isinstance(thing, dg.AssetsDefinition) and not isinstance(thing, dg.AssetChecksDefinition):
            yield from ((spec, not thing.is_executable) for spec in thing.specs)


def states_of_assets(
    instance: dg.DagsterInstance, lake: Lake, uc: UseCase, graph: Sequence[Described]
) -> dict[str, State]:
    """How each asset stands: what is current in the lake, for what no run makes its last event; newest verdicts."""
    keys = [dg.AssetCheckKey(dg.AssetKey([uc.name, a.name]), check) for a in graph for check in a.checks]
    verdicts: dict[str, dict[str, str]] = {}
    for key, result in newest_finished(instance, keys).items():
        verdicts.setdefault(key.asset_key.path[-1], {})[key.name] = result.verdict
    states = {}
    for asset in graph:
        if asset.external:
            digest, partition = told_version(instance, uc, asset.name), ""
        else:
            digest, partition = newest_output(lake, uc.key(asset.name))
        states[asset.name] = State(digest, partition, dict(sorted(verdicts.get(asset.name, {}).items())))
    return states


def newest_output(lake: Lake, asset: str) -> tuple[str, str]:
    """(digest, partition) of what was made last of an asset, ("", "") before its first output."""
    partitions: list[str | None] = [None, *lake.heads.partitions(asset)]
    heads = [(partition or "", lake.heads.get(asset, partition)) for partition in partitions]
    found = [(str(head["at"]), str(head["digest"]), partition) for partition, head in heads if head]
    return max(found)[1:] if found else ("", "")


def told_version(instance: dg.DagsterInstance, uc: UseCase, name: str) -> str:
    """The data version in an asset's last event, or the event's number where it has none; "" without an event."""
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, name]))
    if event is None or event.asset_materialization is None:
        return ""
    return (event.asset_materialization.tags or {}).get("dagster/data_version") or str(event.timestamp)
