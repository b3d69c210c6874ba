"""Erasure in tables: rows leave every version and every file of a table.

Belongs here: writing a table anew without some rows. Deleting in Lance hides rows and leaves their bytes in the files,
also after `optimize` where few rows of a fragment are gone; so the history is written again into an empty table that
never held the rows, indexed anew (an index holds words of the rows, and its model was made from their vectors), and
that table takes the place of the old one. Does not belong here: finding them (`finding.py`), the proof
(`erasure_proofs.py`), and why (governance)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.lake.canonical import digest_of
from genaiops_assets.lake.finding import BATCH, Pair, tags_by_version
from genaiops_assets.lake.indexes import carry_over
from genaiops_assets.lake.snapshots import physical
from genaiops_assets.lake.tables import Tables


@contextmanager
def held(tables: Tables, names: Iterable[str]) -> Iterator[None]:
    """Nobody else writes these tables meanwhile."""
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(tables.writing(name))
        yield


def data_paths(tables: Tables, name: str) -> list[str]:
    """Data files of a table, as snapshots list them."""
    return [f["path"] for f in tables.data_files(name)] if tables.exists(name) else []


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
    return tables.data_files(name)


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
