"""Anchors: what the ledger's end was at some time, kept outside the lake, and the ledger compared with them.

Belongs here: the form of an anchor and what a set of them says against a ledger. Does not belong here: where anchors
are kept, who signed one (`governance/anchors`), the chain itself (`ledger.py`).

A hash chain shows that an entry was changed as long as somebody remembers a hash after it. Who can write in the home
can make the whole chain anew, so the memory must lie where that person cannot write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from genaiops_assets.lake.canonical import canonical_json
from genaiops_assets.lake.ledger import Entry

KIND, SCHEMA_VERSION = "ledger_anchor", 1
STATED = ("home", "seq", "head", "head_at", "made_at", "key", "public_key")  # what a signature and a time-stamp cover


@dataclass(frozen=True)
class Anchor:
    """Lake `home` ended with entry `seq` of hash `head`, written at `head_at`; noted at `made_at` (UTC). `key`:
    fingerprint of the platform's key that signed it (base64, ECDSA with SHA-256), "" for an unsigned one.
    `timestamp`: {authority, token} of an RFC 3161 time-stamp on the same statement. `where` it was found."""

    home: str
    seq: int
    head: str
    head_at: str
    made_at: str
    key: str = ""
    public_key: str = ""
    signature: str = ""
    timestamp: dict[str, str] = field(default_factory=dict)
    where: str = ""

    def statement(self) -> bytes:
        """The bytes that are signed and time-stamped."""
        return canonical_json({"kind": KIND, "schema_version": SCHEMA_VERSION, **self._stated()})

    def to_json(self) -> dict[str, Any]:
        more = {name: value for name in ("signature", "timestamp") if (value := getattr(self, name))}
        return {"kind": KIND, "schema_version": SCHEMA_VERSION, **self._stated(), **more}

    def _stated(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name in STATED}


def anchor_from(content: Any, where: str) -> Anchor:
    """One anchor as it was written. Raises ValueError saying what is wrong with it."""
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ValueError(f"{where}: is no anchor of a ledger")
    if content.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"{where}: is an anchor of version {content.get('schema_version')!r}, known is 1")
    known = {name: content[name] for name in (*STATED, "signature", "timestamp") if name in content}
    unknown = sorted(set(content) - set(known) - {"kind", "schema_version"})
    texts = [known.get(name, "") for name in (*STATED, "signature") if name != "seq"]
    stamp = known.get("timestamp", {})
    sound = isinstance(known.get("seq"), int) and not isinstance(known["seq"], bool) and known["seq"] >= 0
    sound = sound and all(isinstance(text, str) for text in texts) and isinstance(stamp, dict)
    if unknown or not sound or not all(name in known for name in ("home", "head", "head_at", "made_at")):
        raise ValueError(f"{where}: is a damaged anchor" + (f" (unknown: {', '.join(unknown)})" if unknown else ""))
    return Anchor(**known, where=where)


def anchor_problems(entries: Sequence[Entry], home: str, anchors: Iterable[Anchor]) -> list[str]:
    """What anchors say against a ledger, the right thing named: cut off at the end, forked or edited in the middle,
    written anew, of another lake, an entry with an earlier time than it can have. `entries` in the order of the
    ledger; `home`: id of the lake."""
    stated = sorted(anchors, key=lambda one: (one.seq, one.made_at))
    found = [
        f"{one.where}: is an anchor of lake {one.home}, and this one is {home or 'without its id file'}: another lake, "
        "or one whose ledger was written anew"
        for one in stated
        if one.home != home
    ]
    ours = [one for one in stated if one.home == home]
    hashes = {entry.seq: entry.hash for entry in entries}
    held = [one for one in ours if one.seq == 0 or hashes.get(one.seq) == one.head]
    found += two_ledgers(ours) + other_entries(ours, held, hashes) + cut_off_end(ours, hashes)
    return found + impossible_times(entries, held)


def two_ledgers(ours: Sequence[Anchor]) -> list[str]:
    """Anchors of one number that name different entries."""
    return [
        f"ledger/: {one.where} and {other.where} name entry {one.seq} with two hashes ({one.head[:12]}, "
        f"{other.head[:12]}): there are two ledgers, one of them was forked"
        for one, other in pairwise(ours)
        if one.seq == other.seq and one.head != other.head
    ]


def other_entries(ours: Sequence[Anchor], held: Sequence[Anchor], hashes: dict[int, str]) -> list[str]:
    """Entries that are others than an anchor noted: from which one on, as near as the anchors tell."""
    other = [one for one in ours if one.seq in hashes and one not in held]
    if not other:
        return []
    first = other[0]
    noted = f"{first.where} noted on {first.made_at}"
    agreed = max((one.seq for one in held if one.seq < first.seq), default=0)
    if agreed == 0:
        return [f"ledger/: entry {first.seq} is another one than {noted}, and no earlier anchor agrees: the ledger was "
                f"written anew, from entry 1 to {first.seq} nothing is proven"]  # fmt: skip
    return [
        f"ledger/: an entry from {agreed + 1} to {first.seq} is another one than {noted}: the ledger was forked or "
        f"edited after entry {agreed}, and hashed again"
    ]


def cut_off_end(ours: Sequence[Anchor], hashes: dict[int, str]) -> list[str]:
    last = max(hashes, default=0)
    beyond = [one for one in ours if one.seq > last]
    if not beyond:
        return []
    furthest = beyond[-1]
    return [
        f"ledger/: ends with entry {last}, and {furthest.where} noted entry {furthest.seq} on {furthest.made_at}: it "
        f"was truncated, {furthest.seq - last} entries are missing"
    ]


def impossible_times(entries: Sequence[Entry], held: Sequence[Anchor]) -> list[str]:
    """Entries whose time cannot be: later than an anchor that saw them, or earlier than one that did not."""
    found: dict[str, str] = {}
    for one in held:
        for entry in entries:
            if entry.seq > one.seq and entry.at < one.made_at:
                why = f"was written after entry {one.seq}, the last one on {one.made_at}: it is backdated"
            elif entry.seq <= one.seq and entry.at > one.made_at:
                why = f"was there on {one.made_at} already: its time was changed"
            else:
                continue
            found.setdefault(entry.name, f"ledger/{entry.name}: says {entry.at}, and by {one.where} {why}")
    return list(found.values())
