"""Erasure in tables: rows leave every version and every file of a table, and their hashes stay as proof.

Belongs here: finding rows in all versions, writing a table anew without them, and what the ledger makes `verify`
accept. Deleting in Lance hides rows and leaves their bytes in the files, also after `optimize` where few rows of a
fragment are gone; so the history is written again into an empty table that never held the rows, indexed anew (an index
holds words of the rows, and its model was made from their vectors), and that table takes the place of the old one.
Does not belong here: which rows, and why (`governance/erasure.py`)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake.canonical import digest_of
from genaiops_assets.lake.indexes import carry_over
from genaiops_assets.lake.snapshots import names_rows
from genaiops_assets.lake.tables import Tables, digest_of_rows, in_list, physical

Pair = tuple[str, str]  # (row id, row hash)
ID_BATCH, FEW, BATCH = 500, 2000, 1024


class NotAsPublished(GenaiopsError, ValueError):
    """A table's version does not have the digest in its tag: nothing may be erased from it before that is explained."""


@dataclass(frozen=True)
class Found:
    """Rows of one table that shall go. `states`: digest of every tagged version → those of the rows it holds (it may
    hold none)."""

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
    """The rows of a table that `choose` wants, in every version there still is, tagged or not. Each distinct row is
    read once, with those of `columns` its version has. `earlier`: digest → rows erased from that snapshot before.
    Raises NotAsPublished."""
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
    conditions = (
        [in_list("id", ids[n : n + ID_BATCH]) for n in range(0, len(ids), ID_BATCH)] if len(ids) <= FEW else [""]
    )
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
        raise NotAsPublished(
            f"tables/{name}@{tag}: rows do not match the digest; run genaiops verify before anything is erased"
        )
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
    """Put a table in place that has the same tagged versions and newest rows, but never held the rows `gone`. A kill
    at any point leaves the old table or the new one, and a rerun finishes; the caller holds the table. Returns path,
    hash and size of its data files."""
    without, new = set(gone), Replacement(tables, name)
    stamp = digest_of(sorted(map(list, without)))
    if not new.is_complete(stamp):
        new.clear()
        replay(tables, new.tables, name, without, scratch)
        new.complete(stamp)
    new.take_the_place()
    return tables._data_files(name)


def replay(old: Tables, new: Tables, name: str, without: set[Pair], scratch: Path) -> None:
    """Write the versions of a table into an empty one, oldest first and the newest rows last, each without some rows,
    under its old tags."""
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
    """A table being written beside the tables, until it takes the place of the one of that name. A mark says that it
    is whole."""

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
        """Forget an unfinished rewriting. One that was whole may be all there is: then it is moved into its place
        first."""
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
            shutil.rmtree(Path(self.mark).parent, ignore_errors=True) if not any(
                Path(self.mark).parent.iterdir()
            ) else None

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


# --- what the ledger makes verify accept
# --------------------------------------------------------------------------------
