"""Proofs of erasure: which row hashes were erased from which snapshot, and how `verify` accepts exactly those.

Belongs here: writing, reading and accepting proofs. Does not belong here: rewriting tables (`rewriting.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genaiops_assets.lake.canonical import canonical_json, digest_of, pretty_json
from genaiops_assets.lake.identity import keyed_hash
from genaiops_assets.lake.ledger import COLLECTED, ERASURE_BEGUN, ERASURE_DONE, Entry
from genaiops_assets.lake.snapshots import Snapshot

if TYPE_CHECKING:
    from genaiops_assets.lake.artifacts import Artifact
    from genaiops_assets.lake.finding import Before, Pair
    from genaiops_assets.lake.lake import Lake


@dataclass
class Accepted:
    """What finished erasures changed, as the ledger records it. `rows`: (table, digest) → rows erased from that
    snapshot, their ids as keyed hashes but in proofs of earlier versions; `remaining`: the same → digest of the rows
    that the last of these erasures left; `replaced`: table → paths of data files that are gone; `files`: table → the
    files written in their place; `pins`: (table, tag) → what ties the tag to them."""

    rows: dict[tuple[str, str], list[Pair]] = field(default_factory=dict)
    remaining: dict[tuple[str, str], str] = field(default_factory=dict)
    replaced: dict[str, set[str]] = field(default_factory=dict)
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pins: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)  # artifact file → its hash after the erasure
    manifests: dict[tuple[str, str], str] = field(default_factory=dict)
    unfinished: list[Entry] = field(default_factory=list)
    collected: dict[str, set[str]] = field(default_factory=dict)  # table → files that were collected
    problems: list[str] = field(default_factory=list)

    def as_it_is_now(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """The data files a snapshot rests on: those it was published with, or those the last erasure put in their
        place."""
        gone = self.replaced.get(snapshot.name, set())
        kept = [f for f in snapshot.files if f["path"] not in gone]
        return kept if len(kept) == len(snapshot.files) else [*kept, *self.files[snapshot.name]]

    def is_as_left(self, snapshot: Snapshot, digest: Callable[[Sequence[Pair]], str]) -> bool:
        """Whether a snapshot's rows are those it was published with, less what was erased. `digest`: of its rows and
        others."""
        place = (snapshot.name, snapshot.digest)
        if place in self.remaining:
            return digest(()) == self.remaining[place]
        return digest(self.rows.get(place, ())) == snapshot.digest

    def state_of(self, name: str, digest: str) -> str:
        """`whole` or `erased(n)`."""
        erased = len(self.rows.get((name, digest), []))
        return f"erased({erased})" if erased else "whole"


def accepted(lake: Lake) -> Accepted:
    """Read from the ledger; a proof that is missing or altered is a problem, not an exception."""
    found, open_ones = Accepted(), dict[str, Entry]()
    for entry in lake.ledger.entries():
        if entry.kind == ERASURE_BEGUN:
            open_ones[entry.hash] = entry
        elif entry.kind == ERASURE_DONE:
            open_ones.pop(entry.body["begun"], None)
            try:
                take_in(found, read_proof(lake, entry.body["proof"]), entry)
            except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
                found.problems.append(
                    f"{proof_key(str(entry.body.get('proof')))}: proof of an erasure missing or altered ({error})"
                )
        elif entry.kind == COLLECTED:
            for table in entry.body["tables"]:
                found.collected.setdefault(table["table"], set()).update(table["files"])
    found.unfinished = list(open_ones.values())
    return found


def take_in(found: Accepted, proof: dict[str, Any], entry: Entry) -> None:
    from genaiops_assets.lake.finding import Found  # brings Arrow: only where something was erased

    recorded = {t["table"]: t for t in entry.body["tables"]}
    for content in proof["tables"]:
        name, table = content["table"], Found.from_dict(content)
        later = Found.from_dict({**content, "snapshots": recorded[name]["later"]})
        for digest, pairs in {**later.states, **table.states}.items():
            found.rows.setdefault((name, digest), []).extend(pairs)
        left = {**recorded[name].get("remaining", {}), **table.remaining}  # proofs of earlier versions have neither
        found.remaining.update({(name, digest): rows for digest, rows in left.items()})
        found.replaced.setdefault(name, set()).update(content["replaced"], recorded[name]["replaced"])
        found.files[name] = recorded[name]["files"]
        for tag, pins in recorded[name].get("pins", {}).items():  # entries of earlier versions have none
            found.pins.setdefault((name, tag), []).append(pins)
    found.contents.update({r["key"]: r["after"] for r in proof["redacted"]})
    found.manifests.update({(m["asset"], m["digest"]): m["after"] for m in proof["manifests"]})


def erased_manifest(lake: Lake, artifact: Artifact) -> str | None:
    """The hash of an artifact's manifest after the last erasure that rewrote it."""
    return accepted(lake).manifests.get((artifact.asset, artifact.digest))


def erased_rows(lake: Lake) -> dict[str, dict[str, Before]]:
    """table → digest → what is known of the rows erased from that snapshot so far."""
    from genaiops_assets.lake.finding import Before

    by_table: dict[str, dict[str, Before]] = {}
    found = accepted(lake)
    for name, digest in {**found.rows, **found.remaining}:
        left = found.remaining.get((name, digest), "")
        by_table.setdefault(name, {})[digest] = Before().and_then(left, found.rows.get((name, digest), ()))
    return by_table


def hidden(lake: Lake, content: dict[str, Any]) -> dict[str, Any]:
    """A table's part of a proof with keyed hashes in place of the rows' ids."""
    return {**content, "rows": [[keyed_hash(lake.store, i), h] for i, h in content["rows"]]}


def proof_key(digest: str) -> str:
    return f"erasures/proof/{digest}.json"


def write_proof(lake: Lake, proof: dict[str, Any]) -> str:
    """Store a proof under its own hash; it holds hashes, no text and no ids. Returns the hash."""
    digest = digest_of(proof)
    lake.store.write(proof_key(digest), pretty_json(proof))
    return digest


def read_proof(lake: Lake, digest: str) -> dict[str, Any]:
    """Raises FileNotFoundError, ValueError when it is not what was recorded."""
    proof = json.loads(lake.store.read(proof_key(digest)))
    if digest_of(json.loads(canonical_json(proof))) != digest:
        raise ValueError("its content does not match its hash")
    return proof
