"""What an output was made from, step by step, as provenance records say.

Belongs here: following input digests to the artifacts they name. Does not belong here: the life of one document
(`governance/lineage`), or proofs (`genaiops verify`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from genaiops_assets.lake import Lake


class Step(NamedTuple):
    """`made` (an asset) was made from what stands under `read_as` in its inputs; `asset`: whose output that is, empty
    for what is none."""

    depth: int
    made: str
    read_as: str
    asset: str
    digest: str

    @classmethod
    def columns(cls) -> dict[str, Any]:
        import polars as pl

        return dict.fromkeys(cls._fields, pl.String) | {"depth": pl.Int64}


def steps_of(lake: Lake, use_case: str, asset: str, digest: str) -> Iterator[Step]:
    """Nearest first; each output is opened once."""
    names = [f"{use_case}/{name}" for name in lake.store.list(f"artifacts/{use_case}")]
    level, seen, depth = [(asset, digest)], {(asset, digest)}, 1
    while level:
        further = []
        for made, its_digest in level:
            inputs = lake.artifacts.get(made, its_digest).provenance().get("inputs") or {}
            for read_as, used in sorted(inputs.items()):
                owners = [name for name in names if is_digest(used) and lake.artifacts.has(name, used)]
                for owner in owners or [""]:
                    yield Step(depth, made.partition("/")[2], read_as, owner.partition("/")[2], used)
                    if owner and (owner, used) not in seen:
                        seen.add((owner, used))
                        further.append((owner, used))
        level, depth = further, depth + 1


def is_digest(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")
