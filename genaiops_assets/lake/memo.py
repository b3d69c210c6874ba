"""Memo and heads: was this work done before, and what is the current output of an asset.

Belongs here: the memo (key of inputs → output digest) and the head (asset, partition → current output). Does not belong
here: the outputs themselves; what is remembered and is no output (`notes.py`).
"""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.errors import NotMaterialized, UnsafeName
from genaiops_assets.lake.canonical import digest_of, pretty_json
from genaiops_assets.lake.names import refuse_unsafe_asset, refuse_unsafe_part
from genaiops_assets.lake.store import Store

WHOLE = "_"


def memo_key(asset: str, inputs: dict[str, str], code_version: str, config: Any, seed: int | None) -> str:
    """Everything that determines an output. Same key, same work: none."""
    return digest_of({"asset": asset, "inputs": inputs, "code_version": code_version, "config": config, "seed": seed})


class Memo:
    """Nothing in here is believed for itself: `Lake.remembered` asks the ledger."""

    def __init__(self, store: Store):
        self.store = store

    def get(self, key: str) -> dict[str, Any] | None:
        """The record {digest, provenance, entry} of finished work, or None; `entry` names the ledger's file that
        proves it (records of earlier versions have none)."""
        try:
            return json.loads(self.store.read(memo_path(key)))
        except FileNotFoundError:
            return None

    def put(self, key: str, digest: str, provenance: dict[str, Any], entry: str = "") -> None:
        proof = {"entry": entry} if entry else {}
        record = {"key": key, "digest": digest, "provenance": provenance, **proof}
        self.store.write(memo_path(key), pretty_json(record))


def memo_path(key: str) -> str:
    refuse_unsafe_part(key, "memo key")
    return f"memo/{key[:2]}/{key}.json"


class Heads:
    def __init__(self, store: Store):
        self.store = store

    def get(self, asset: str, partition: str | None = None) -> dict[str, Any] | None:
        try:
            return json.loads(self.store.read(head_path(asset, partition)))
        except FileNotFoundError:
            return None

    def digest(self, asset: str, partition: str | None = None) -> str:
        """Raises NotMaterialized naming the asset to materialize."""
        head = self.get(asset, partition)
        if head is None:
            where = f"{asset}[{partition}]" if partition else asset
            raise NotMaterialized(f"{where} has no output yet: materialize it first")
        return head["digest"]

    def put(self, asset: str, partition: str | None, record: dict[str, Any]) -> bool:
        """Point at an output. Returns whether the head moved."""
        before = self.get(asset, partition)
        if before is not None and (before["digest"], before.get("manifest")) == (
            record["digest"],
            record.get("manifest"),
        ):
            return False
        self.store.write(head_path(asset, partition), pretty_json(record))
        return True

    def partitions(self, asset: str) -> list[str]:
        names = [n.removesuffix(".json") for n in self.store.list(f"heads/{refuse_unsafe_asset(asset)}")]
        return [n for n in names if n != WHOLE]


def head_path(asset: str, partition: str | None) -> str:
    """Raises UnsafeName, also for a partition that is named like the head without one."""
    refuse_unsafe_asset(asset)
    if partition is None:
        return f"heads/{asset}/{WHOLE}.json"
    if partition == WHOLE:
        raise UnsafeName(f"partition {partition!r} of {asset}: that name means all of an asset without partitions")
    return f"heads/{asset}/{refuse_unsafe_part(partition, 'partition')}.json"
