"""The asset graph of a use case as a small card: what `status` shows a row for, without building the definitions.

Belongs here: making the card from the definitions, and keeping it under the digest of everything that determines them.
A card is for showing: nothing is decided or verified by it. Does not belong here: the state of any asset."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from genaiops_assets.lake import digest_of, write_json
from genaiops_assets.orchestration.home import PACKAGE, PROJECT
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
CODE = (PACKAGE, PROJECT / "sensors", PROJECT / "schedules")


def card_of(home: Path, uc: UseCase, definitions: Callable[[], Any]) -> list[dict[str, Any]]:
    """[{key, group, partitions: versions | days | null, executable, checks: [{name, blocking}]}] in the order of the
    life. `definitions` is called only when nobody did since code or use case changed."""
    file = home / "cache" / "graph" / f"{uc.name}-{determined_by(uc)[:24]}.json"
    with suppress(OSError, ValueError, KeyError):
        return json.loads(file.read_text(encoding="utf-8"))["assets"]
    assets = assets_of(definitions().resolve_asset_graph(), uc)
    with suppress(OSError):  # a home that cannot be written: worked out each time
        for earlier in file.parent.glob(f"{uc.name}-*.json"):
            earlier.unlink(missing_ok=True)
        write_json(file, {"schema_version": SCHEMA_VERSION, "assets": assets})
    return assets


def determined_by(uc: UseCase) -> str:
    """Digest of all that the graph follows from: our code, Dagster's version, the use case."""
    code = [
        [str(p), s.st_mtime_ns, s.st_size]
        for folder in CODE
        for p in sorted(folder.rglob("*.py"))
        if (s := p.stat()) is not None
    ]
    return digest_of([SCHEMA_VERSION, code, metadata.version("dagster"), uc.model_dump(mode="json")])


def assets_of(graph: Any, uc: UseCase) -> list[dict[str, Any]]:
    from genaiops_assets.orchestration.phases import SMACTR

    order = list(SMACTR)

    def place(key: Any) -> int:
        phase = (graph.get(key).group_name or "").split("__")[-1]
        return order.index(phase) if phase in order else len(order)

    own = [k for k in graph.toposorted_asset_keys if k.path[0] == uc.name]
    return [asset_of(graph, graph.get(key)) for key in sorted(own, key=place)]


def asset_of(graph: Any, node: Any) -> dict[str, Any]:
    import dagster as dg

    versions = isinstance(node.partitions_def, dg.DynamicPartitionsDefinition)
    checks = sorted(node.check_keys, key=lambda c: c.name)
    return {
        "key": node.key.to_user_string(),
        "group": node.group_name,
        "partitions": None if node.partitions_def is None else "versions" if versions else "days",
        "executable": node.is_executable,
        "checks": [
            {
                "name": c.name,
                "blocking": bool(graph.get(c).blocking),
                "partitioned": graph.get(c).partitions_def is not None,
            }
            for c in checks
        ],
    }
