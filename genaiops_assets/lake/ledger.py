"""The ledger: append-only, hash-chained evidence. One file an entry, named by its number and the hash before it.

Belongs here: appending, reading and checking the chain. Two writers that saw the same head want the same file name, so
one of them fails and tries again: no lock, and it works on an object store. Does not belong here: what is recorded,
and why."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake.canonical import digest_of, pretty_json
from genaiops_assets.lake.store import Store

GENESIS = "0" * 64
ATTEMPTS = 50
ERASURE_BEGUN, ERASURE_DONE = "erasure_begun", "erased"  # kinds that more than one module reads


@dataclass(frozen=True)
class Entry:
    seq: int
    prev: str
    hash: str
    at: str
    kind: str
    actor: str
    body: dict[str, Any]


class BrokenLedger(GenaiopsError, ValueError):
    """The chain does not hold; the message names the file."""


class Ledger:
    def __init__(self, store: Store):
        self.store = store

    def append(self, kind: str, body: dict[str, Any]) -> Entry:
        """Add one entry. Raises BrokenLedger when the head cannot be read."""
        for _ in range(ATTEMPTS):
            head = self.head()
            content: dict[str, Any] = {
                "schema_version": 1,
                "seq": head.seq + 1 if head else 1,
                "prev": head.hash if head else GENESIS,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "kind": kind,
                "actor": os_user(),
                "body": body,
            }
            name = f"{content['seq']:08d}-{content['prev'][:16]}.json"
            try:
                self.store.create(f"ledger/{name}", pretty_json({**content, "hash": digest_of(content)}))
            except FileExistsError:
                continue
            return self._read(name)
        raise BrokenLedger(f"ledger/: {ATTEMPTS} writers in a row were faster; try again")

    def head(self) -> Entry | None:
        names = self.store.list("ledger")
        return self._read(names[-1]) if names else None

    def head_hash(self) -> str:
        head = self.head()
        return head.hash if head else GENESIS

    def entries(self, kind: str | None = None) -> Iterator[Entry]:
        for name in self.store.list("ledger"):
            entry = self._read(name)
            if kind is None or entry.kind == kind:
                yield entry

    def entry(self, seq: int) -> Entry | None:
        """One entry by its number, or None. Raises BrokenLedger when it cannot be read."""
        names = [name for name in self.store.list("ledger") if name.startswith(f"{seq:08d}-")]
        return self._read(names[0]) if names else None

    def newest_first(self) -> Iterator[Entry]:
        for name in reversed(self.store.list("ledger")):
            yield self._read(name)

    def _read(self, name: str) -> Entry:
        try:
            content = json.loads(self.store.read(f"ledger/{name}"))
            entry = Entry(**{k: content[k] for k in ("seq", "prev", "hash", "at", "kind", "actor", "body")})
            if not (isinstance(entry.seq, int) and isinstance(entry.prev, str) and isinstance(entry.body, dict)):
                raise TypeError("a field of another type")
            return entry
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenLedger(f"ledger/{name}: not a ledger entry ({error})") from error

    def problems(self, anchors: Iterator[tuple[str, str]] | None = None) -> list[str]:
        """What is wrong with the chain, each with its file. `anchors`: (where, hash) noted outside the ledger; one
        that is missing from the chain means that its end was cut off."""
        found: list[str] = []
        prev, hashes = GENESIS, {GENESIS}
        for expected, name in enumerate(self.store.list("ledger"), start=1):
            try:
                entry = self._read(name)
                content = json.loads(self.store.read(f"ledger/{name}"))
            except BrokenLedger as error:
                return [*found, str(error)]
            stated = content.pop("hash")
            if digest_of(content) != stated:
                found.append(f"ledger/{name}: content does not match its hash")
            if entry.seq != expected or entry.prev != prev:
                found.append(f"ledger/{name}: chain broken, an entry before it was removed or altered")
            if not name.startswith(f"{entry.seq:08d}-{entry.prev[:16]}"):
                found.append(f"ledger/{name}: the file name does not match its content")
            prev = stated
            hashes.add(stated)
        for where, anchor in anchors or ():
            if anchor not in hashes:
                found.append(f"ledger/: entry {anchor[:12]} noted in {where} is missing: the ledger was truncated")
        return found


def os_user() -> str:
    """The account that ran the command: recorded beside the name a person gives."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
