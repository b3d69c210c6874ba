"""Memo and heads: was this work done before, and what is the current output of an asset.

Belongs here: the memo (key of inputs → output digest) and the head (asset, partition → current output). Does not belong
here: the outputs themselves.
"""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.errors import Missing
from genaiops_assets.lake.canonical import digest_of, pretty_json
from genaiops_assets.lake.store import Store

WHOLE = "_"


def memo_key(asset: str, inputs: dict[str, str], code_version: str, config: Any, seed: int | None) -> str:
    """Everything that determines an output. Same key, same work: none."""
    return digest_of({"asset": asset, "inputs": inputs, "code_version": code_version, "config": config, "seed": seed})


class Memo:
    def __init__(self, store: Store):
        self.store = store

    def get(self, key: str) -> dict[str, Any] | None:
        """The record {digest, provenance} of finished work, or None."""
        try:
            return json.loads(self.store.read(self._path(key)))
        except FileNotFoundError:
            return None

    def put(self, key: str, digest: str, provenance: dict[str, Any]) -> None:
        self.store.write(self._path(key), pretty_json({"key": key, "digest": digest, "provenance": provenance}))

    @staticmethod
    def _path(key: str) -> str:
        return f"memo/{key[:2]}/{key}.json"


class Heads:
    def __init__(self, store: Store):
        self.store = store

    def get(self, asset: str, partition: str | None = None) -> dict[str, Any] | None:
        try:
            return json.loads(self.store.read(self._path(asset, partition)))
        except FileNotFoundError:
            return None

    def digest(self, asset: str, partition: str | None = None) -> str:
        """Raises KeyError naming the asset to materialize."""
        head = self.get(asset, partition)
        if head is None:
            raise Missing(f"{asset}{f'[{partition}]' if partition else ''} has no output yet: materialize it first")
        return head["digest"]

    def put(self, asset: str, partition: str | None, record: dict[str, Any]) -> bool:
        """Point at an output. Returns whether the head moved."""
        before = self.get(asset, partition)
        if before is not None and (before["digest"], before.get("manifest")) == (
            record["digest"],
            record.get("manifest"),
        ):
            return False
        self.store.write(self._path(asset, partition), pretty_json(record))
        return True

    def partitions(self, asset: str) -> list[str]:
        names = [n.removesuffix(".json") for n in self.store.list(f"heads/{asset}")]
        return [n for n in names if n != WHOLE]

    @staticmethod
    def _path(asset: str, partition: str | None) -> str:
        return f"heads/{asset}/{partition or WHOLE}.json"
