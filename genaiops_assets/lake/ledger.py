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
from genaiops_assets.lake.identity import IDENTITY, known_id, lake_id
from genaiops_assets.lake.store import Store

GENESIS = "0" * 64
ATTEMPTS = 50
ERASURE_BEGUN, ERASURE_DONE = "erasure_begun", "erased"  # kinds that more than one module reads
KEPT_OUT, READMITTED = "kept_out", "readmitted"  # an opt-out that found nothing to erase; an id let in again
BACKUP, RESTORED = "backup", "restored"  # a copy of the lake elsewhere, and a home that began as one
COLLECTED = "collected"  # outputs and table states that were removed because nothing refers to them
SHORT_HASH = 16  # as Dagster metadata shows a head
MARKS = "ledger_marks/highest.json"  # how far the ledger once went, kept beside it


@dataclass(frozen=True)
class Entry:
    seq: int
    prev: str
    hash: str
    at: str
    kind: str
    actor: str
    body: dict[str, Any]
    home: str = ""  # the lake it was written in; entries of earlier versions do not say

    @property
    def name(self) -> str:
        """Its file below `ledger/`."""
        return f"{self.seq:08d}-{self.prev[:16]}.json"


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
                "at": not_before(head.at if head else ""),
                "kind": kind,
                "actor": os_user(),
                "body": body,
                "home": lake_id(self.store, head.home if head else ""),
            }
            name = f"{content['seq']:08d}-{content['prev'][:16]}.json"
            try:
                self.store.create(f"ledger/{name}", pretty_json({**content, "hash": digest_of(content)}))
            except FileExistsError:
                continue
            entry = self.read(name)
            self.store.write(MARKS, pretty_json({"seq": entry.seq, "hash": entry.hash, "at": entry.at}))
            return entry
        raise BrokenLedger(f"ledger/: {ATTEMPTS} writers in a row were faster; try again")

    def head(self) -> Entry | None:
        names = self.store.list("ledger")
        return self.read(names[-1]) if names else None

    def head_hash(self) -> str:
        head = self.head()
        return head.hash if head else GENESIS

    def entries(self, kind: str | None = None) -> Iterator[Entry]:
        for name in self.store.list("ledger"):
            entry = self.read(name)
            if kind is None or entry.kind == kind:
                yield entry

    def entry(self, seq: int) -> Entry | None:
        """One entry by its number, or None. Raises BrokenLedger when it cannot be read."""
        names = [name for name in self.store.list("ledger") if name.startswith(f"{seq:08d}-")]
        return self.read(names[0]) if names else None

    def newest_first(self) -> Iterator[Entry]:
        for name in reversed(self.store.list("ledger")):
            yield self.read(name)

    def read(self, name: str) -> Entry:
        """One entry by the name of its file. Raises BrokenLedger."""
        return self._read(name)[0]

    def proven(self, name: str) -> Entry | None:
        """One entry whose content matches its hash and its name, or None."""
        try:
            entry, content = self._read(name)
        except (BrokenLedger, FileNotFoundError):
            return None
        return entry if digest_of(without_hash(content)) == entry.hash and entry.name == name else None

    def _read(self, name: str) -> tuple[Entry, dict[str, Any]]:
        try:
            content = json.loads(self.store.read(f"ledger/{name}"))
            entry = Entry(
                **{k: content[k] for k in ("seq", "prev", "hash", "at", "kind", "actor", "body")},
                home=content.get("home", ""),
            )
            texts = (entry.prev, entry.hash, entry.at, entry.kind, entry.home)
            if not (isinstance(entry.seq, int) and isinstance(entry.body, dict) and all(map(is_text, texts))):
                raise TypeError("a field of another type")
            return entry, content
        except FileNotFoundError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise BrokenLedger(f"ledger/{name}: not a ledger entry ({error})") from error

    def problems(self, anchors: Iterator[tuple[str, str]] | None = None) -> list[str]:
        """What is wrong with the chain, each with its file: contents, order, time, the lake it was written in, and
        whether it ends where it once ended. `anchors`: (where, hash or its first 16 digits) noted outside the ledger;
        one that is missing from the chain means that its end was cut off."""
        found: list[str] = []
        prev, before, hashes = GENESIS, None, {GENESIS}
        for expected, name in enumerate(self.store.list("ledger"), start=1):
            try:
                entry, content = self._read(name)
            except (BrokenLedger, FileNotFoundError) as error:
                return [*found, str(error)]
            if digest_of(without_hash(content)) != entry.hash:
                found.append(f"ledger/{name}: content does not match its hash")
            if entry.seq != expected or entry.prev != prev:
                found.append(f"ledger/{name}: chain broken, an entry before it was removed or altered")
            if name != entry.name:
                found.append(f"ledger/{name}: the file name does not match its content")
            found += [f"ledger/{name}: {why}" for why in misplaced(entry, before)]
            prev, before = entry.hash, entry
            hashes.add(entry.hash)
        found += self._foreign(before)
        if before is not None and before.home and before.seq > 1 and not self.store.exists(MARKS):
            found.append(f"{MARKS}: missing; it says how far the ledger went")
        starts = {h[:SHORT_HASH] for h in hashes}
        for where, anchor in [*self._marks(), *(anchors or ())]:
            if anchor not in (starts if len(anchor) == SHORT_HASH else hashes):
                found.append(f"ledger/: entry {anchor[:12]} noted in {where} is missing: the ledger was truncated")
        return found

    def _foreign(self, last: Entry | None) -> list[str]:
        """Whether the chain belongs to this lake; one of an earlier version does not say."""
        if last is None or not last.home or last.home == known_id(self.store):
            return []
        return [
            f"ledger/: written in lake {last.home}, and by {IDENTITY} this one is "
            f"{known_id(self.store) or 'without its id file'}"
        ]

    def _marks(self) -> list[tuple[str, str]]:
        try:
            return [(MARKS, str(json.loads(self.store.read(MARKS))["hash"]))]
        except FileNotFoundError:
            return []  # of an earlier version, or before the first entry
        except (ValueError, KeyError, TypeError):
            return [(MARKS, "unreadable")]


def without_hash(content: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in content.items() if k != "hash"}


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def not_before(earlier: str) -> str:
    """Now, UTC in whole seconds, or the time of the entry before where the clock was set back since."""
    return max(datetime.now(UTC).isoformat(timespec="seconds"), earlier)


def misplaced(entry: Entry, before: Entry | None) -> list[str]:
    """Why an entry cannot follow the one before it; entries of earlier versions may go back in time."""
    if before is None or not entry.home:
        return ["of an earlier version, after entries of this one"] if before is not None and before.home else []
    found = []
    if before.home and entry.home != before.home:
        found.append(f"written in lake {entry.home}, and the entry before it in {before.home}")
    if entry.at < before.at:
        found.append(f"its time {entry.at} is before that of the entry before it, {before.at}")
    return found


def os_user() -> str:
    """The account that ran the command: recorded beside the name a person gives."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
