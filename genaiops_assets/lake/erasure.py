"""Erasure in tables: rows leave every version and every file of a table, and their hashes stay as proof.

Belongs here: finding rows in all versions, writing a table anew without them, and what the ledger makes `verify` accept. Deleting in Lance
hides rows and leaves their bytes in the files, also after `optimize` where few rows of a fragment are gone; so the history is written again
into an empty table that never held the rows, indexed anew (an index holds words of the rows, and its model was made from their vectors), and
that table takes the place of the old one. Does not belong here: which rows, and why
(`governance/erasure.py`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.lake.canonical import canonical_json, digest_of, pretty_json
from genaiops_assets.lake.indexes import carry_over
from genaiops_assets.lake.lake import Lake
from genaiops_assets.lake.ledger import Entry
from genaiops_assets.lake.tables import Snapshot, Tables, digest_of_rows, in_list, names_rows, physical

Pair = tuple[str, str]  # (row id, row hash)
BEGUN, ERASED = "erasure_begun", "erased"
ID_BATCH, FEW, BATCH = 500, 2000, 1024


class NotAsPublished(ValueError):
    """A table's version does not have the digest in its tag: nothing may be erased from it before that is explained."""


@dataclass(frozen=True)
class Found:
    """Rows of one table that shall go. `states`: digest of every tagged version → those of the rows it holds (it may hold none)."""

    table: str
    pairs: list[Pair]
    states: dict[str, list[Pair]]

    def to_dict(self) -> dict[str, Any]:
        place = {pair: n for n, pair in enumerate(self.pairs)}
        held = {digest: [place[p] for p in pairs] for digest, pairs in sorted(self.states.items())}
        return {"table": self.table, "rows": [list(p) for p in self.pairs], "snapshots": held}

    @staticmethod
    def from_dict(content: dict[str, Any]) -> Found:
        pairs = [(i, h) for i, h in content["rows"]]
        return Found(content["table"], pairs, {d: [pairs[n] for n in held] for d, held in content["snapshots"].items()})


def tables_of(tables: Tables, use_case: str) -> list[str]:
    """Names of all tables of a use case, as `use_case/name`."""
    start = physical(f"{use_case}/")
    return sorted(f"{use_case}/{n.removeprefix(start)}" for n in tables._names() if n.startswith(start))


def find(
    tables: Tables,
    name: str,
    columns: Sequence[str],
    choose: Callable[[dict[str, Any]], bool],
    earlier: Mapping[str, list[Pair]] | None = None,
) -> Found:
    """The rows of a table that `choose` wants, in every version there still is, tagged or not. Each distinct row is read once, with those of
    `columns` its version has. `earlier`: digest → rows erased from that snapshot before. Raises NotAsPublished."""
    judged: dict[Pair, bool] = {}
    tagged = tags_by_version(tables.open(name))
    states: dict[str, list[Pair]] = {}
    for version in sorted(v["version"] for v in tables.open(name).list_versions()):
        table = tables.open(name)
        table.checkout(version)
        present = pairs_in(table)
        fresh = [p for p in present if p not in judged]
        for row in rows_with(table, columns, fresh):
            judged[row["id"], row["row_hash"]] = choose(row)
        chosen = [p for p in present if judged[p]]
        for tag in tagged.get(version, ()):
            states[digest_behind(name, tag, present, earlier or {})] = sorted(chosen)
    return Found(name, sorted(p for p, wanted in judged.items() if wanted), states)


def rows_of(tables: Tables, name: str, columns: Sequence[str], pairs: Iterable[Pair]) -> Iterator[dict[str, Any]]:
    """Those rows of a table, each once, from whatever versions hold them."""
    left = set(pairs)
    for version in sorted((v["version"] for v in tables.open(name).list_versions()), reverse=True):
        if not left:
            return
        table = tables.open(name)
        table.checkout(version)
        for row in rows_with(table, columns, [p for p in pairs_in(table) if p in left]):
            left.discard((row["id"], row["row_hash"]))
            yield row


def tags_by_version(table: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for tag, about in table.tags.list().items():
        found.setdefault(int(about["version"]), []).append(tag)
    return found


def pairs_in(table: Any) -> list[Pair]:
    stored = table.search().select(["id", "row_hash"]).to_arrow()
    return list(zip(stored.column("id").to_pylist(), stored.column("row_hash").to_pylist(), strict=True))


def rows_with(table: Any, columns: Sequence[str], pairs: list[Pair]) -> Iterator[dict[str, Any]]:
    """Those rows of an open table, with the columns it has."""
    wanted, ids = set(pairs), sorted({i for i, _ in pairs})
    there = [c for c in dict.fromkeys(["id", "row_hash", *columns]) if c in table.schema.names]
    conditions = [in_list("id", ids[n : n + ID_BATCH]) for n in range(0, len(ids), ID_BATCH)] if len(ids) <= FEW else [""]
    for condition in conditions:
        query = table.search().where(condition) if condition else table.search()
        for batch in query.select(there).to_batches(BATCH):
            yield from (r for r in batch.to_pylist() if (r["id"], r["row_hash"]) in wanted)


def digest_behind(name: str, tag: str, present: list[Pair], earlier: Mapping[str, list[Pair]]) -> str:
    """The whole digest of a tagged version: of its rows and of those erased from it before. Raises NotAsPublished."""
    before = next((pairs for digest, pairs in earlier.items() if names_rows(tag, digest)), [])
    whole = {*present, *before}
    digest = digest_of_rows([i for i, _ in whole], [h for _, h in whole])
    if not names_rows(tag, digest):
        raise NotAsPublished(f"tables/{name}@{tag}: rows do not match the digest; run genaiops verify before anything is erased")
    return digest


@contextmanager
def held(tables: Tables, names: Iterable[str]) -> Iterator[None]:
    """Nobody else writes these tables meanwhile."""
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(tables._writing(name))
        yield


def data_paths(tables: Tables, name: str) -> list[str]:
    """Data files of a table, as snapshots list them."""
    return [f["path"] for f in tables._data_files(name)] if tables.exists(name) else []


def rewrite(tables: Tables, name: str, gone: Iterable[Pair], scratch: Path) -> list[dict[str, Any]]:
    """Put a table in place that has the same tagged versions and newest rows, but never held the rows `gone`. A kill at any point leaves the
    old table or the new one, and a rerun finishes; the caller holds the table. Returns path, hash and size of its data files."""
    without, new = set(gone), Replacement(tables, name)
    stamp = digest_of(sorted(map(list, without)))
    if not new.is_complete(stamp):
        new.clear()
        replay(tables, new.tables, name, without, scratch)
        new.complete(stamp)
    new.take_the_place()
    return tables._data_files(name)


def replay(old: Tables, new: Tables, name: str, without: set[Pair], scratch: Path) -> None:
    """Write the versions of a table into an empty one, oldest first and the newest rows last, each without some rows, under its old tags."""
    tagged = tags_by_version(old.open(name))
    newest = int(old.open(name).version)
    ours = {tag for tags in tagged.values() for tag in tags}
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as folder:
        for version in sorted({*tagged, newest}):
            table = old.open(name)
            table.checkout(version)
            file = Path(folder) / "rows.parquet"
            write_remaining(file, table, without)
            snapshot = new.sync(name, file).snapshot
            written = new.open(name)
            carry_over(table, written)
            at = int(written.version)
            for tag in tagged.get(version, ()):
                if tag in written.tags.list():
                    written.tags.delete(tag)
                written.tags.create(tag, at)
            if snapshot.tag not in ours:
                written.tags.delete(snapshot.tag)


def write_remaining(file: Path, table: Any, without: set[Pair]) -> None:
    with pq.ParquetWriter(file, table.schema) as writer:
        for batch in table.search().to_batches(BATCH):
            pairs = zip(batch.column("id").to_pylist(), batch.column("row_hash").to_pylist(), strict=True)
            writer.write_batch(batch.filter(pa.array([p not in without for p in pairs], pa.bool_())).cast(table.schema))


class Replacement:
    """A table being written beside the tables, until it takes the place of the one of that name. A mark says that it is whole."""

    def __init__(self, tables: Tables, name: str):
        from fsspec.core import url_to_fs

        self.url = f"{tables.url.rstrip('/')}-rewritten"
        self.tables = Tables(self.url)
        self.fs, root = url_to_fs(tables.url)
        root = root.rstrip("/")
        self.is_local = "://" not in tables.url
        self.old, self.new = f"{root}/{physical(name)}.lance", f"{root}-rewritten/{physical(name)}.lance"
        self.mark, self.aside = f"{self.new}.complete", f"{self.new}.old"

    def is_complete(self, stamp: str) -> bool:
        """Whether a rewriting without just these rows was finished and only its move may be missing."""
        return self.fs.exists(self.mark) and self.fs.cat_file(self.mark).decode() == stamp

    def clear(self) -> None:
        """Forget an unfinished rewriting. One that was whole may be all there is: then it is moved into its place first."""
        if self.fs.exists(self.mark) and not self.fs.exists(self.old):
            self.take_the_place()
        for path in (self.mark, self.new, self.aside):
            self.remove(path)

    def complete(self, stamp: str) -> None:
        self.fs.pipe_file(self.mark, stamp.encode())

    def take_the_place(self) -> None:
        """The new table under the old one's name, and nothing left of the old one."""
        if self.fs.exists(self.new):
            if self.is_local:
                if Path(self.old).exists():
                    self.remove(self.aside)
                    Path(self.old).rename(self.aside)
                Path(self.new).rename(self.old)
            else:
                self.remove(self.old)
                self.fs.copy(self.new, self.old, recursive=True)
                self.remove(self.new)
        self.remove(self.aside)
        self.remove(self.mark)
        if self.is_local:
            shutil.rmtree(Path(self.mark).parent, ignore_errors=True) if not any(Path(self.mark).parent.iterdir()) else None

    def remove(self, path: str) -> None:
        if self.fs.exists(path):
            self.fs.rm(path, recursive=True)


def finish_rewriting(tables: Tables, name: str) -> None:
    """Move a table into its place that a kill left whole but beside it."""
    new = Replacement(tables, name)
    if new.fs.exists(new.mark) and not new.fs.exists(new.old):
        new.take_the_place()


def drop_rows(tables: Tables, name: str, gone: Iterable[Pair], scratch: Path) -> None:
    """Remove rows from an unversioned log, from its files too."""
    with held(tables, [name]):
        rewrite(tables, name, gone, scratch)


# --- what the ledger makes verify accept --------------------------------------------------------------------------------


@dataclass
class Accepted:
    """What finished erasures changed, as the ledger records it. `rows`: (table, digest) → rows erased from that snapshot; `replaced`: table →
    paths of data files that are gone; `files`: table → the files written in their place."""

    rows: dict[tuple[str, str], list[Pair]] = field(default_factory=dict)
    replaced: dict[str, set[str]] = field(default_factory=dict)
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)  # artifact file → its hash after the erasure
    manifests: dict[tuple[str, str], str] = field(default_factory=dict)
    unfinished: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def as_it_is_now(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """The data files a snapshot rests on: those it was published with, or those the last erasure put in their place."""
        gone = self.replaced.get(snapshot.name, set())
        kept = [f for f in snapshot.files if f["path"] not in gone]
        return kept if len(kept) == len(snapshot.files) else [*kept, *self.files[snapshot.name]]

    def state_of(self, name: str, digest: str) -> str:
        """`whole` or `erased(n)`."""
        erased = len(self.rows.get((name, digest), []))
        return f"erased({erased})" if erased else "whole"


def accepted(lake: Lake) -> Accepted:
    """Read from the ledger; a proof that is missing or altered is a problem, not an exception."""
    found, open_ones = Accepted(), dict[str, Entry]()
    for entry in lake.ledger.entries():
        if entry.kind == BEGUN:
            open_ones[entry.hash] = entry
        elif entry.kind == ERASED:
            open_ones.pop(entry.body["begun"], None)
            try:
                take_in(found, read_proof(lake, entry.body["proof"]), entry)
            except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
                found.problems.append(f"{proof_key(str(entry.body.get('proof')))}: proof of an erasure missing or altered ({error})")
    found.unfinished = list(open_ones.values())
    return found


def take_in(found: Accepted, proof: dict[str, Any], entry: Entry) -> None:
    told = {t["table"]: t for t in entry.body["tables"]}
    for content in proof["tables"]:
        name, table = content["table"], Found.from_dict(content)
        later = Found.from_dict({**content, "snapshots": told[name]["later"]})
        for digest, pairs in {**later.states, **table.states}.items():
            found.rows.setdefault((name, digest), []).extend(pairs)
        found.replaced.setdefault(name, set()).update(content["replaced"], told[name]["replaced"])
        found.files[name] = told[name]["files"]
    found.contents.update({r["key"]: r["after"] for r in proof["redacted"]})
    found.manifests.update({(m["asset"], m["digest"]): m["after"] for m in proof["manifests"]})


def erased_rows(lake: Lake) -> dict[str, dict[str, list[Pair]]]:
    """table → digest → rows erased from that snapshot so far."""
    by_table: dict[str, dict[str, list[Pair]]] = {}
    for (name, digest), pairs in accepted(lake).rows.items():
        by_table.setdefault(name, {})[digest] = pairs
    return by_table


def proof_key(digest: str) -> str:
    return f"erasures/proof/{digest}.json"


def write_proof(lake: Lake, proof: dict[str, Any]) -> str:
    """Store a proof under its own hash; it holds ids and hashes, no text. Returns the hash."""
    digest = digest_of(proof)
    lake.store.write(proof_key(digest), pretty_json(proof))
    return digest


def read_proof(lake: Lake, digest: str) -> dict[str, Any]:
    """Raises FileNotFoundError, ValueError when it is not what was recorded."""
    proof = json.loads(lake.store.read(proof_key(digest)))
    if digest_of(json.loads(canonical_json(proof))) != digest:
        raise ValueError("its content does not match its hash")
    return proof
