"""What a backup holds, in the order in which it must be copied while others write.

Belongs here: that order. What is written last is copied first: Dagster's history names ledger entries, heads and other
pointers name entries and outputs, entries name outputs, outputs name tables. So all that a copied file names was there
before it, and is copied after it. Does not belong here: the file it goes into (`archive.py`)."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from genaiops_assets.lake import (
    MANIFEST,
    MARKS,
    Entry,
    Lake,
    collected_outputs,
    files_to_copy,
    memo_path,
    pretty_json,
    table_folders,
)
from genaiops_assets.operations.archive import Writing

POINTERS = ("heads", "memo", "gates", "production", "counters", "notes")
TOLD_APART = ("dagster", *POINTERS, "ledger", "ledger_marks", "artifacts", "tables", "keys")
LEFT_OUT = ("cache", "scratch", "staging", "logs", "codes", "dossiers", "tables-rewritten")
PROVENANCE = "provenance.json"
DATABASE, BESIDE_DATABASE = ".db", ("-wal", "-shm", "-journal")
WHOLE = "_"
PATIENCE = 5.0  # seconds, for a publication that is between its ledger entry and its memo


@dataclass(frozen=True)
class Ledger:
    """The ledger as it was listed: `names` of its files and what they say, oldest first."""

    names: list[str]
    entries: list[Entry]

    @property
    def head(self) -> Entry:
        return self.entries[-1]

    def outputs(self) -> dict[tuple[str, str], None]:
        """(asset, digest) of all that was ever published, in order."""
        return {(e.body["asset"], e.body["digest"]): None for e in self.entries if e.kind == "materialized"}

    def last(self) -> dict[str, Entry]:
        """Key of a head → the last entry about that asset and partition."""
        made = (e for e in self.entries if e.kind == "materialized")
        return {f"heads/{e.body['asset']}/{e.body['partition'] or WHOLE}.json": e for e in made}

    def recorded(self) -> dict[str, Entry]:
        """Memo key → an entry that says what record of the work there is; entries of earlier versions do not."""
        return {e.body["memo"]: e for e in self.entries if e.kind == "materialized" and "record" in e.body}


def listed(lake: Lake) -> Ledger:
    names = lake.store.list("ledger")
    return Ledger(names, [lake.ledger.read(name) for name in names])


def present(lake: Lake, ledger: Ledger) -> list[tuple[str, str]]:
    """The outputs that the ledger binds, less those that were collected; what is missing without a reason is not left
    out in silence."""
    gone = collected_outputs(ledger.entries)
    return [made for made in ledger.outputs() if made not in gone]


def add_history(writing: Writing, home: Path, scratch: Path) -> None:
    """Dagster's folder: its SQLite files each as one moment left it, the rest as it is."""
    for number, path in enumerate(files_below(home / "dagster")):
        name = path.relative_to(home).as_posix()
        if path.name.endswith(tuple(DATABASE + end for end in BESIDE_DATABASE)):
            continue
        with suppress(FileNotFoundError):  # a run's log that went meanwhile
            if path.suffix != DATABASE:
                writing.add_file(name, path)
                continue
            copy = scratch / f"{number}.db"
            copy_database(path, copy)
            writing.add_file(name, copy)
            copy.unlink()


def copy_database(source: Path, target: Path) -> None:
    """By SQLite's own backup, which waits for writers and copies one state."""
    from_file = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=60)
    with closing(from_file) as ours, closing(sqlite3.connect(target)) as copy:
        ours.backup(copy)
        copy.execute("pragma journal_mode=delete")


def pointers(lake: Lake) -> dict[str, bytes]:
    """Key → bytes of heads, memo, gates, production and notes. They are small: read at once, so that they are of one
    moment as nearly as can be."""
    found = {}
    for path in (p for place in POINTERS for p in files_below(Path(lake.url) / place)):
        with suppress(FileNotFoundError):
            found[path.relative_to(lake.url).as_posix()] = path.read_bytes()
    return found


def brought_up(lake: Lake, found: dict[str, bytes], ledger: Ledger) -> dict[str, bytes]:
    """The same, with what entries overtook between the two readings: a head as its entry has it, and the memo that the
    publication wrote since. Where that was cut off, its mark, as a kill leaves it: `verify` then says so."""
    newer = {}
    for key, entry in ledger.last().items():
        if digest_in(found.get(key)) != entry.body["digest"]:
            body = {name: entry.body[name] for name in ("asset", "partition", "digest", "memo", "manifest")}
            newer[key] = pretty_json({**body, "at": entry.at, "entry": entry.name})
    names = set(ledger.names)
    for memo, entry in ledger.recorded().items():
        key = memo_path(memo)
        if key not in found:
            record = memo_written_since(lake, key, names)
            mark = f"staging/publishing-{memo[:32]}.json"
            newer |= {key: record} if record else {mark: pretty_json({"asset": entry.body["asset"]})}
    return {**found, **newer}


def memo_written_since(lake: Lake, key: str, names: set[str]) -> bytes | None:
    """A memo that follows its ledger entry by a moment; None where it does not come, or tells of a later entry."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(FileNotFoundError):
            record = lake.store.read(key)
            return record if json.loads(record).get("entry") in names else None
        time.sleep(0.05)
    return None


def digest_in(head: bytes | None) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(head or b"")["digest"])
    return ""


def add_ledger(writing: Writing, lake: Lake, ledger: Ledger) -> None:
    for name in ledger.names:
        writing.add_file(f"ledger/{name}", Path(lake.url) / "ledger" / name)
    if ledger.entries:
        head = ledger.head
        writing.add_bytes(MARKS, pretty_json({"seq": head.seq, "hash": head.hash, "at": head.at}))


def add_outputs(writing: Writing, lake: Lake, outputs: Iterable[tuple[str, str]]) -> set[str]:
    """The artifacts that the ledger binds. Returns the table files that their snapshots name. Raises FileNotFoundError,
    NotMaterialized where one is gone."""
    named: set[str] = set()
    for asset, digest in outputs:
        artifact = lake.artifacts.get(asset, digest)
        named.update(str(file["path"]) for s in artifact.snapshots.values() for file in s.files)
        listed_files = [f["path"] for f in [*artifact.manifest["files"], *artifact.manifest["views"]]]
        for name in [*listed_files, PROVENANCE, MANIFEST]:
            writing.add_file(f"{artifact.key}/{name}", Path(lake.url) / artifact.key / name)
    return named


def add_tables(writing: Writing, lake: Lake, named: set[str]) -> None:
    root = Path(lake.tables_url)
    for folder in table_folders(root):
        for path in files_to_copy(root, folder, named):
            writing.add_file(f"tables/{path.relative_to(root).as_posix()}", path)


def add_rest(writing: Writing, home: Path) -> None:
    """Inbox, the list of use cases, the lake's id, tombstones, and whatever else people or rooms keep in the home."""
    for top in sorted(home.iterdir()):
        if top.name in (*TOLD_APART, *LEFT_OUT) or top.name.startswith("."):
            continue
        for path in [top] if top.is_file() else files_below(top):
            with suppress(FileNotFoundError):
                writing.add_file(path.relative_to(home).as_posix(), path)


def add_keys(writing: Writing, home: Path) -> None:
    for path in files_below(home / "keys"):
        writing.add_file(path.relative_to(home).as_posix(), path)


def files_below(folder: Path) -> Iterator[Path]:
    """Plain files, those being written in one step left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path
