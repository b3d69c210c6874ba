"""Which outputs of a home are still needed, and why.

Belongs here: the reasons. An output stays when it is current, young, named by a decision, or read by one that stays:
by its provenance, by a claim in one of its files, or through a table state that it cites. Whoever is named by mistake
stays: collecting errs on the side of keeping. Does not belong here: removing (`collecting.py`)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from genaiops_assets.lake import BACKUP, COLLECTED, RESTORED, Entry, Lake, canonical_json
from genaiops_assets.operations.contents import Ledger, files_below

Output = tuple[str, str]  # (asset, digest)
DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
VERSION = re.compile(rb"mv-[0-9a-f]{12}")
NO_DECISION = {"materialized", "gates_judged", COLLECTED, BACKUP, RESTORED}
NAMED_BY = ("production", "notes", "counters", "rollouts", "ratings", "requests")  # places that may name outputs
BYTES_ONLY = (".safetensors", ".png", ".parquet")  # hold no claims


class Outputs:
    """All outputs that a home has, found by their digest, by a table state they hold, and by their partition."""

    def __init__(self, lake: Lake, ledger: Ledger):
        self.lake = lake
        self.all = [made for made in ledger.outputs() if lake.artifacts.has(*made)]
        self.entries = {(e.body["asset"], e.body["digest"]): e for e in ledger.entries if e.kind == "materialized"}
        self.by_digest: defaultdict[str, list[Output]] = defaultdict(list)
        self.by_version: defaultdict[str, list[Output]] = defaultdict(list)
        there = set(self.all)
        for asset, digest in self.all:
            self.by_digest[digest].append((asset, digest))
            for snapshot in lake.artifacts.get(asset, digest).snapshots.values():
                self.by_digest[snapshot.digest].append((asset, digest))
        for e in ledger.entries:
            if e.kind == "materialized" and (made := (e.body["asset"], e.body["digest"])) in there:
                self.by_version[e.body["partition"] or ""].append(made)

    def named_in(self, text: bytes) -> Iterator[Output]:
        for found in set(DIGEST.findall(text)):
            yield from self.by_digest.get(found.decode(), ())

    def of_versions_in(self, text: bytes) -> Iterator[Output]:
        for found in set(VERSION.findall(text)):
            yield from self.by_version.get(found.decode(), ())

    def cited_by(self, output: Output) -> Iterator[Output]:
        """What an output was made from and what its files name."""
        folder = Path(self.lake.artifacts.get(*output).uri)
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in BYTES_ONLY):
            yield from self.named_in(path.read_bytes())


def needed(lake: Lake, ledger: Ledger, days: float, now: datetime | None = None) -> tuple[Outputs, dict[Output, str]]:
    """All outputs, and those that stay with the reason, in words. `days`: what is younger stays."""
    outputs = Outputs(lake, ledger)
    kept: dict[Output, str] = {}

    def keep(found: Iterable[Output], why: str) -> None:
        for output in found:
            kept.setdefault(output, why)

    keep(current(lake, outputs), "current")
    for entry in ledger.entries:
        if entry.kind not in NO_DECISION:
            text = canonical_json(entry.body)
            keep(outputs.named_in(text), f"named by {entry.kind}, ledger entry {entry.seq}")
            keep(outputs.of_versions_in(text), f"of a version named by {entry.kind}, ledger entry {entry.seq}")
    for place in NAMED_BY:
        for root in dict.fromkeys((Path(lake.url), lake.home)):
            for path in files_below(root / place):
                keep(outputs.named_in(path.read_bytes()), f"named in {place}/")
    since = (now or datetime.now(UTC)) - timedelta(days=days)
    keep((o for o in outputs.all if made_at(outputs.entries[o]) > since), f"younger than {days:g} days")
    waiting = list(kept)
    while waiting:
        reader = waiting.pop()
        for output in outputs.cited_by(reader):
            if output not in kept:
                kept[output] = f"read by {reader[0]}@{reader[1][:12]}"
                waiting.append(output)
    return outputs, kept


def current(lake: Lake, outputs: Outputs) -> Iterator[Output]:
    for path in files_below(Path(lake.url) / "heads"):
        try:
            digest = str(json.loads(path.read_bytes())["digest"])
        except (ValueError, KeyError, TypeError):
            continue  # a note of an earlier version
        yield from outputs.by_digest.get(digest, ())


def made_at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.at)
