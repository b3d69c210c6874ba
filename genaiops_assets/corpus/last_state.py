"""The last state of the documents, held small: which text of which id was seen in which batch, and when a batch was
read.

Belongs here: that memory, about 40 bytes a document. Does not belong here: where the last state is stored.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

WIDTH = 16  # bytes of a digest: among a billion ids two equal ones are as likely as one in 10^20


def digest16(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest()


class Seen:
    """`find(id, text_hash)` → the batch that brought this text, or None when it is new or changed."""

    def __init__(self, batches: Iterable[pa.RecordBatch] = ()):
        """`batches`: columns id, text_hash and first_seen of the last snapshot, in any order."""
        ids, hashes, numbers = bytearray(), bytearray(), array("q")
        for batch in batches:
            for doc_id, text_hash, first_seen in zip(
                *(batch.column(c).to_pylist() for c in ("id", "text_hash", "first_seen")), strict=True
            ):
                ids += digest16(doc_id)
                hashes += bytes.fromhex(text_hash)[:WIDTH]
                numbers.append(first_seen)
        keys = np.frombuffer(bytes(ids), ">u8").reshape(-1, 2)
        order = np.argsort(keys[:, 0], kind="stable")
        self._keys = keys[order].astype(np.uint64)
        self._hashes = np.frombuffer(bytes(hashes), f"V{WIDTH}")[order]
        self._numbers = np.frombuffer(numbers, np.int64)[order] if len(numbers) else np.zeros(0, np.int64)
        self.newest = int(self._numbers.max()) if len(numbers) else 0

    def __len__(self) -> int:
        return len(self._numbers)

    def find(self, doc_id: str, text_hash: str) -> int | None:
        if not len(self):
            return None
        key = digest16(doc_id)
        high, low = int.from_bytes(key[:8], "big"), int.from_bytes(key[8:], "big")
        at = int(np.searchsorted(self._keys[:, 0], np.uint64(high)))
        while at < len(self._numbers) and int(self._keys[at, 0]) == high:
            if int(self._keys[at, 1]) == low:
                return (
                    int(self._numbers[at]) if self._hashes[at].tobytes() == bytes.fromhex(text_hash)[:WIDTH] else None
                )
            at += 1
        return None


@dataclass(frozen=True)
class Earlier:
    """What the last ingest left: the documents seen, when each batch was read, and {source: (digest, when it was first
    read)}."""

    seen: Seen = field(default_factory=Seen)
    batches: dict[int, str] = field(default_factory=dict)
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)

    @staticmethod
    def of(documents: Iterable[pa.RecordBatch], rights: Iterable[dict[str, Any]] = ()) -> Earlier:
        """`rights`: rows {id, source, version, first_seen, fetched_at} of the rights table."""
        batches: dict[int, str] = {}
        sources: dict[str, tuple[str, str]] = {}
        for row in rights:
            if row["id"].startswith("source:"):
                sources[row["source"]] = (row["version"], row["fetched_at"])
            else:
                batches[row["first_seen"]] = row["fetched_at"]
        return Earlier(Seen(documents), batches, sources)
