"""Tables on LanceDB: rows with identity, changed by difference only, read by snapshot.

Belongs here: writing a new state as deletions and upserts, tagging the version, reading a tagged version. A row has an
`id` and a `row_hash`; a snapshot's digest is the hash over sorted (id, row_hash), whatever the files look like.
The same rows may be tagged more than once, as differently indexed versions: each has a label of its
own. Does not belong here: what the rows mean; what an index is (`indexes.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.errors import NotMaterialized
from genaiops_assets.lake.lance_library import import_lancedb
from genaiops_assets.lake.leases import lease
from genaiops_assets.lake.rows import (
    chosen_rows,
    derived_columns,
    digest_of_derived,
    digest_of_rows,
    identity,
    in_list,
    lance_schema,
    row_hash,
)
from genaiops_assets.lake.snapshots import Change, Snapshot, files_of, physical, pins_of, tag_of
from genaiops_assets.lake.upkeep import compact_if_many

DELETE_BATCH = 500
Arrange = Callable[
    [Any], str
]  # is given the Lance table before it is tagged, may index it, and says under which label ("" for none)


class Tables:
    """The tables below one folder or URL. `name` may hold a `/`: it becomes `__` in the Lance table's name."""

    def __init__(self, url: str | Path, locks: Path | None = None):
        self.url = str(url)
        self.locks = locks

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """One writer a table: Dagster's pools bind the daemon's runs, this binds the command line too."""
        if self.locks is None:
            yield
            return
        with lease(self.locks / f"table-{physical(name)}.lease"):
            yield

    @cached_property
    def _db(self) -> Any:
        return import_lancedb().connect(self.url)

    @property
    def is_local(self) -> bool:
        return "://" not in self.url

    def names(self) -> set[str]:
        """Of all Lance tables: `use_case__name`."""
        return set(self._db.list_tables(limit=10_000).tables)

    def open(self, name: str) -> Any:
        """The Lance table at its newest version. Raises NotMaterialized when it does not exist."""
        place = physical(name)
        try:
            return self._db.open_table(place)
        except (ValueError, FileNotFoundError, RuntimeError) as error:
            raise NotMaterialized(f"no table {name} in {self.url}") from error

    def exists(self, name: str) -> bool:
        return physical(name) in self.names()

    def sync(self, name: str, parquet: Path, arrange: Arrange | None = None) -> Change:
        """Make the table equal to a Parquet file written by `RowWriter`: only rows that differ are touched.

        A crash between write and tag leaves untagged rows that nobody reads; the next `sync` goes on from there.
        Raises ValueError on duplicate ids."""
        with self.writing(name):
            return self._sync(name, pq.ParquetFile(parquet), arrange)

    def _sync(self, name: str, source: pq.ParquetFile, arrange: Arrange | None = None) -> Change:
        wanted = identity(source.read(columns=["id", "row_hash"]), name)
        table = self.open(name) if self.exists(name) else self._create(name, source.schema_arrow)
        if not table.schema.equals(lance_schema(source.schema_arrow)):
            table = self._create(name, source.schema_arrow, replace=True)
        present = identity(table.search().select(["id", "row_hash"]).to_arrow(), name)
        removed = present.join(wanted, on="id", how="anti")["id"].to_list()
        touched = wanted.join(present, on=["id", "row_hash"], how="anti")
        added = len(wanted) - len(wanted.join(present, on="id", how="semi"))
        self._apply(table, source, removed, touched["id"], is_empty=not len(present))
        label = arrange(table) if arrange else ""
        snapshot = self._tag(name, table, digest_of_rows(wanted["id"], wanted["row_hash"]), len(wanted), None, label)
        return Change(snapshot, added, len(touched) - added, len(removed))

    def change(
        self, name: str, base: Snapshot | None, upserts: Path, removed: list[str], arrange: Arrange | None = None
    ) -> Change:
        """The table as `base` was, less the removed ids, with the rows of a Parquet file added or put in place of
        theirs. Without a base the file is the whole table. Whatever came after the base, rows that a crash left too,
        is dropped from the newest state. Raises ValueError when columns differ, NotMaterialized when the base is
        gone."""
        source = pq.ParquetFile(upserts)
        with self.writing(name):
            if base is None:
                return self._sync(name, source, arrange)
            table = self.at(base)
            if not table.schema.equals(lance_schema(source.schema_arrow)):
                raise ValueError(
                    f"table {name} has other columns than {upserts.name}: change the asset's code version with its "
                    "columns"
                )
            if table.version != self.open(name).version:
                table.restore()
            else:
                table.checkout_latest()
            touched = identity(source.read(columns=["id", "row_hash"]), name)["id"]
            before = int(table.count_rows())
            self._apply(table, source, removed, touched, is_empty=False)
            label = arrange(table) if arrange else base.label
            now = identity(table.search().select(["id", "row_hash"]).to_arrow(), name)
            snapshot = self._tag(name, table, digest_of_rows(now["id"], now["row_hash"]), len(now), base, label)
            added = len(now) - before + len(removed)
            return Change(snapshot, added, len(touched) - added, len(removed))

    @staticmethod
    def _apply(table: Any, source: pq.ParquetFile, removed: list[str], touched: pl.Series, *, is_empty: bool) -> None:
        for start in range(0, len(removed), DELETE_BATCH):
            table.delete(in_list("id", removed[start : start + DELETE_BATCH]))
        if not len(touched):
            return
        rows = chosen_rows(source, None if len(touched) == source.metadata.num_rows else touched)
        reader = pa.RecordBatchReader.from_batches(lance_schema(source.schema_arrow), rows)
        if is_empty:
            table.add(reader)
        else:
            table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all().execute(reader)
        compact_if_many(table)

    def add(self, name: str, parquet: Path, is_left_out: Callable[[], Callable[[str], bool]] | None = None) -> int:
        """Add the rows of a Parquet file whose ids are not there yet, and touch no other (logs). `is_left_out`: gives
        what says of an id that it is not to be added either, asked for when nobody else writes the table. Returns rows
        now."""
        source = pq.ParquetFile(parquet)
        with self.writing(name):
            table = self.open(name) if self.exists(name) else self._create(name, source.schema_arrow)
            refused = is_left_out() if is_left_out else lambda row_id: False
            if ids := {i for i in source.read(columns=["id"]).column("id").to_pylist() if not refused(i)}:
                reader = pa.RecordBatchReader.from_batches(lance_schema(source.schema_arrow), chosen_rows(source, ids))
                table.merge_insert("id").when_not_matched_insert_all().execute(reader)
                compact_if_many(table)
            return int(table.count_rows())

    def _create(self, name: str, schema: pa.Schema, replace: bool = False) -> Any:
        mode = "overwrite" if replace else "create"
        return self._db.create_table(physical(name), schema=lance_schema(schema), mode=mode)

    def _tag(
        self, name: str, table: Any, digest: str, rows: int, base: Snapshot | None = None, label: str = ""
    ) -> Snapshot:
        tag = tag_of(digest, label)
        known = table.tags.list()
        if tag not in known:
            table.tags.create(tag, table.version)
            known = table.tags.list()
        version = int(known[tag]["version"])
        pins = self.pins(name, tag, version)
        return Snapshot(name, version, digest, rows, self.data_files(name, base), label, pins)

    def data_files(self, name: str, base: Snapshot | None = None) -> list[dict[str, Any]]:
        """Path and hash of the data and index files of a local table: a flipped byte is named by `verify`. What `base`
        knows is not read again."""
        if not self.is_local:
            return []
        return files_of(Path(self.url), name, {f["path"]: f for f in base.files} if base else {})

    def pins(self, name: str, tag: str, version: int | None = None) -> dict[str, Any]:
        """What ties a tag to what is read by it: files of Lance's own where the table is local, else a digest of the
        columns that row hashes leave out. Raises NotMaterialized when there is no such tag."""
        table = self.open(name)
        if version is None:
            try:
                version = int(table.tags.list()[tag]["version"])
            except KeyError:
                raise NotMaterialized(f"snapshot {name}@{tag} is gone") from None
        if self.is_local:
            return pins_of(Path(self.url), name, tag, version)
        table.checkout(version)
        derived = derived_columns(table.schema)
        return {"derived": digest_of_derived(table, sorted(derived))} if derived else {}

    def all_pins(self, name: str) -> dict[str, dict[str, Any]]:
        """Tag → its pins, of all tags of a table."""
        return {tag: self.pins(name, tag) for tag in sorted(self.open(name).tags.list())}

    def at(self, snapshot: Snapshot) -> Any:
        """The Lance table as it was. Raises NotMaterialized when the snapshot is gone."""
        table = self.open(snapshot.name)
        try:
            table.checkout(snapshot.tag)
        except (ValueError, RuntimeError) as error:
            raise NotMaterialized(f"snapshot {snapshot.name}@{snapshot.tag} is gone") from error
        return table

    def version(self, snapshot: Snapshot) -> int | None:
        """The version a snapshot has by now: an erasure writes them all anew, in their order. None when it can no
        longer be opened."""
        try:
            return int(self.open(snapshot.name).tags.list()[snapshot.tag]["version"])
        except KeyError:
            return None

    def batches(
        self, snapshot: Snapshot, columns: list[str] | None = None, where: str | None = None, size: int = 1024
    ) -> Iterator[pa.RecordBatch]:
        query = self.at(snapshot).search()
        query = query.where(where) if where else query
        query = query.select(columns) if columns else query
        yield from query.to_batches(size)

    def rows(
        self, snapshot: Snapshot, columns: list[str] | None = None, where: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Rows as they come, in an order that depends on the table's history: sort them, or take `read`."""
        for batch in self.batches(snapshot, columns, where):
            yield from batch.to_pylist()

    def read(self, snapshot: Snapshot, columns: list[str] | None = None, where: str | None = None) -> pa.Table:
        """Sorted by id, so that two reads of equal tables are equal, whatever the order of their files."""
        wanted = columns if columns is None or "id" in columns else ["id", *columns]
        batches = list(self.batches(snapshot, wanted, where))
        table = pa.Table.from_batches(batches) if batches else self.at(snapshot).schema.empty_table()
        table = table.sort_by("id")
        return table.select(columns) if columns else table

    def digest(self, snapshot: Snapshot, erased: Sequence[tuple[str, str]] = ()) -> str:
        """Computed again from the rows themselves, for `verify`. `erased`: (id, row hash) of rows that were erased, as
        proven by the ledger."""
        ids, hashes = [i for i, _ in erased], [h for _, h in erased]
        derived = derived_columns(self.at(snapshot).schema)
        for row in self.rows(snapshot):
            ids.append(row["id"])
            hashes.append(row_hash(row, derived))
        return digest_of_rows(ids, hashes)
