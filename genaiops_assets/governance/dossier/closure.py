"""Which artifacts a dossier is about: what stands now of the version and its use case, all they were made from, and
all their documents quote.

Belongs here: following digests. Does not belong here: copying (`evidence.py`) or what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.evidence import find_claims
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.use_case import UseCase

DIGEST = re.compile(r"[0-9a-f]{64}")
Key = tuple[str, str]  # asset, digest


@dataclass
class Closure:
    """`artifacts`: by (asset, digest), the current ones first; `current`: asset → digest of what stands now;
    `partitions`: of those; `outside`: digest → what it is, of inputs that are no artifact of this lake, as a base
    model."""

    artifacts: dict[Key, Artifact] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    partitions: dict[str, str | None] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)


def closure_of(lake: Lake, uc: UseCase, version: str) -> Closure:
    """Raises Refused for a version that nothing is known of."""
    if lake.heads.get(uc.key("model_plan"), version) is None and lake.heads.get(uc.key("eval_report"), version) is None:
        known = ", ".join(lake.heads.partitions(uc.key("release_decision"))) or "none"
        raise Refused(f"there is no model version {version} (versions with a release decision: {known})")
    found, makers = Closure(), assets_by_digest(lake)
    for asset, partition in heads_of(lake, uc, version):
        head = lake.heads.get(asset, partition)
        if head is not None:
            found.current[asset], found.partitions[asset] = head["digest"], partition
    waiting = list(found.current.items())
    while waiting:
        key = waiting.pop(0)
        if key in found.artifacts or not lake.artifacts.has(*key):
            continue
        artifact = found.artifacts[key] = lake.artifacts.get(*key)
        for name, digest in inputs_of(artifact):
            if makers.get(digest):
                waiting += [(asset, digest) for asset in makers[digest]]
            else:
                found.outside.setdefault(digest, f"{name} of {artifact.asset.partition('/')[2]}")
        waiting += quoted_by(artifact)
    return found


def heads_of(lake: Lake, uc: UseCase, version: str) -> Iterator[tuple[str, str | None]]:
    """Each asset of the use case with the partition a dossier shows: the version's, the whole, or the newest day."""
    for name in lake.store.list(f"heads/{uc.name}"):
        asset = uc.key(name)
        partitions = lake.heads.partitions(asset)
        days = sorted(p for p in partitions if re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", p))
        if version in partitions:
            yield asset, version
        elif lake.heads.get(asset):
            yield asset, None
        elif days:
            yield asset, days[-1]


def assets_by_digest(lake: Lake) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in lake.ledger.entries("materialized"):
        made = found.setdefault(entry.body["digest"], [])
        if entry.body["asset"] not in made:
            made.append(entry.body["asset"])
    return found


def inputs_of(artifact: Artifact) -> Iterator[tuple[str, str]]:
    """(name, digest) of what an artifact was made from, by its provenance; nothing where that is unreadable."""
    try:
        inputs: Any = artifact.provenance().get("inputs") or {}
    except (OSError, ValueError, AttributeError):
        return
    for name, digest in inputs.items():
        if isinstance(digest, str) and DIGEST.fullmatch(digest):
            yield name, digest


def quoted_by(artifact: Artifact) -> list[Key]:
    """What the JSON documents of an artifact claim from."""
    made = (c for _, document in documents_of(artifact) for c in find_claims(document))
    return list(dict.fromkeys((c["asset"], c["digest"]) for c in made))


def documents_of(artifact: Artifact) -> Iterable[tuple[str, Any]]:
    """(file, content) of the JSON files of an artifact that can be read."""
    for file in artifact.manifest["files"]:
        if file["path"].endswith(".json") and file["bytes"] < 8_000_000:
            try:
                yield file["path"], artifact.json(file["path"])
            except (OSError, ValueError):
                continue
