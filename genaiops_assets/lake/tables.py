"""Tables on LanceDB: rows with identity, changed by difference only, read by snapshot.

Belongs here: writing a new state as deletions and upserts, tagging the version, reading a tagged version. A row has an
`id` and a `row_hash`; a snapshot's digest is the hash over sorted (id, row_hash), whatever the files look like.
Columns that follow from others (vectors) carry no weight in the row hash: their bytes differ in the last bit from
batch to batch. The same rows may be tagged more than once, as differently indexed versions: each has a label of its
own. Does not belong here: what the rows mean; what an index is (`indexes.py`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.errors import Missing
from genaiops_assets.lake.canonical import canonical_json, digest_of_file
from genaiops_assets.lake.leases import lease
from genaiops_assets.lake.snapshots import Snapshot, tag_of
from genaiops_assets.lake.upkeep import compact_if_many

DELETE_BATCH = 500
ROW_BATCH = 4096
GROUP_CHARACTERS = 32_000_000  # of text held before it is written: long documents must not pile up
BOOKKEEPING = {"_versions", "_transactions", "_refs", "_indices"}
Arrange = Callable[
    [Any], str
]  # is given the Lance table before it is tagged, may index it, and says under which label ("" for none)


@dataclass(frozen=True)
class Change:
    """What one `sync` did to a table."""

    snapshot: Snapshot
    added: int
    changed: int
    removed: int


def row_hash(row: dict[str, Any], without: frozenset[str] = frozenset()) -> str:
    """SHA-256 of a row's canonical JSON, derived columns and the hash itself left out."""
    content = {k: v for k, v in row.items() if k != "row_hash" and k not in without}
    return hashlib.sha256(canonical_json(content)).hexdigest()


def digest_of_rows(ids: Iterable[str], hashes: Iterable[str]) -> str:
    """The digest of a table: SHA-256 over its sorted (id, row hash) pairs."""
    rows = pl.DataFrame({"id": pl.Series(ids, dtype=pl.String), "hash": pl.Series(hashes, dtype=pl.String)}).sort(
        "id", "hash"
    )
    whole = hashlib.sha256()
    for some in rows.iter_slices(100_000):
        lines = some.select(pl.concat_str([pl.col("id"), pl.lit("\0"), pl.col("hash"), pl.lit("\n")])).to_series()
        whole.update("".join(lines.to_list()).encode())
    return whole.hexdigest()


def derived_columns(schema: pa.Schema) -> frozenset[str]:
    """Columns marked as derived in the schema's metadata."""
    return frozenset(f.name for f in schema if (f.metadata or {}).get(b"derived") == b"1")


def derived_field(name: str, kind: pa.DataType) -> pa.Field:
    """A column that follows from others, kept out of the row hash."""
    return pa.field(name, kind, metadata={"derived": "1"})


def vector_field(name: str, width: int) -> pa.Field:
    """A column of float32 vectors of one width, kept out of the row hash."""
    return derived_field(name, pa.list_(pa.float32(), width))


class RowWriter:
    """Streams rows into a Parquet file with `row_hash` added: what `Tables.sync` takes. Use as a context manager."""

    def __init__(self, path: Path, schema: pa.Schema):
        self.schema = schema.append(pa.field("row_hash", pa.string()))
        self._derived = derived_columns(schema)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, self.schema)
        self._rows: list[dict[str, Any]] = []
        self._held = 0
        self.count = 0

    def write(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        self._held += len(row.get("text") or "")
        self.count += 1
        if len(self._rows) >= ROW_BATCH or self._held > GROUP_CHARACTERS:
            self._flush()

    def write_table(self, table: pa.Table) -> None:
        """Many rows at once, in the columns of the schema."""
        self._flush()
        self.count += table.num_rows
        self._write(table.append_column("row_hash", pa.nulls(table.num_rows, pa.string())))

    def _flush(self) -> None:
        if self._rows:
            self._write(pa.Table.from_pylist(self._rows, schema=self.schema))
            self._rows, self._held = [], 0

    def _write(self, table: pa.Table) -> None:
        stored = table.drop_columns(sorted(self._derived)).to_pylist()  # as it is read back: 1 in a float column is 1.0
        hashes = pa.array([row_hash(row) for row in stored], pa.string())
        self._writer.write_table(table.set_column(len(self.schema) - 1, "row_hash", hashes))

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        self._flush()
        self._writer.close()


def write_rows(path: Path, schema: pa.Schema, rows: Iterable[dict[str, Any]]) -> int:
    with RowWriter(path, schema) as writer:
        for row in rows:
            writer.write(row)
    return writer.count


class Tables:
    """The tables below one folder or URL. `name` may hold a `/`: it becomes `__` in the Lance table's name."""

    def __init__(self, url: str | Path, locks: Path | None = None):
        self.url = str(url)
        self.locks = locks

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """One writer a table: Dagster's pools bind the daemon's runs, this binds the command line too."""
        if self.locks is None:
            yield
            return
        with lease(self.locks / f"table-{physical(name)}.lease"):
            yield

    @cached_property
    def _db(self) -> Any:
        import lancedb

        return lancedb.connect(self.url)

    def _names(self) -> set[str]:
        return set(self._db.list_tables(limit=10_000).tables)

    def open(self, name: str) -> Any:
        """The Lance table at its newest version. Raises KeyError when it does not exist."""
        try:
            return self._db.open_table(physical(name))
        except (ValueError, FileNotFoundError, RuntimeError) as error:
            raise Missing(f"no table {name} in {self.url}") from error

    def exists(self, name: str) -> bool:
        return physical(name) in self._names()

    def sync(self, name: str, parquet: Path, arrange: Arrange | None = None) -> Change:
        """Make the table equal to a Parquet file written by `RowWriter`: only rows that differ are touched.

        A crash between write and tag leaves untagged rows that nobody reads; the next `sync` goes on from there.
        Raises ValueError on duplicate ids."""
        with self._writing(name):
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
        is dropped from the newest state. Raises ValueError when columns differ, KeyError when the base is gone."""
        source = pq.ParquetFile(upserts)
        with self._writing(name):
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

    def add(self, name: str, parquet: Path, left_out: Callable[[], Collection[str]] = tuple) -> int:
        """Add the rows of a Parquet file whose ids are not there yet, and touch no other (logs). `left_out`: ids that
        are not to be added either, asked for when nobody else writes the table. Returns rows now."""
        source = pq.ParquetFile(parquet)
        with self._writing(name):
            table = self.open(name) if self.exists(name) else self._create(name, source.schema_arrow)
            if ids := set(source.read(columns=["id"]).column("id").to_pylist()) - set(left_out()):
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
        return Snapshot(name, int(known[tag]["version"]), digest, rows, self._data_files(name, base), label)

    def _data_files(self, name: str, base: Snapshot | None = None) -> list[dict[str, Any]]:
        """Path and hash of the table's data files (local tables): a flipped byte is named by `verify`. Lance never
        writes into a file again, so a file the base knows is not read again."""
        if "://" in self.url:
            return []
        root = Path(self.url)
        folder = root / f"{physical(name)}.lance"
        known = {f["path"]: f for f in base.files} if base else {}
        found = []
        for p in sorted(folder.rglob("*")):
            if p.is_file() and p.relative_to(folder).parts[0] not in BOOKKEEPING:
                path, size = p.relative_to(root).as_posix(), p.stat().st_size
                same = known.get(path, {}).get("bytes") == size
                found.append(known[path] if same else {"path": path, "sha256": digest_of_file(p), "bytes": size})
        return found

    def at(self, snapshot: Snapshot) -> Any:
        """The Lance table as it was. Raises KeyError when the snapshot is gone."""
        table = self.open(snapshot.name)
        try:
            table.checkout(snapshot.tag)
        except (ValueError, RuntimeError) as error:
            raise Missing(f"snapshot {snapshot.name}@{snapshot.tag} is gone") from error
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


def physical(name: str) -> str:
    return name.replace("/", "__")


def identity(table: pa.Table, name: str) -> pl.DataFrame:
    """(id, row_hash) of all rows. Raises ValueError when an id occurs more than once."""
    rows = pl.DataFrame(pl.from_arrow(table)).select("id", "row_hash")
    doubled = rows.filter(rows["id"].is_duplicated())
    if len(doubled):
        raise ValueError(f"table {name}: id {doubled['id'][0]!r} occurs more than once")
    return rows


def chosen_rows(source: pq.ParquetFile, ids: Iterable[str] | None) -> Iterator[pa.RecordBatch]:
    """The rows with these ids, or all of them."""
    chosen = None if ids is None else set(ids)
    for batch in source.iter_batches(ROW_BATCH):
        if chosen is None:
            yield batch
        else:
            yield batch.filter(pa.array([i in chosen for i in batch.column("id").to_pylist()], pa.bool_()))


def lance_schema(schema: pa.Schema) -> pa.Schema:
    """Field metadata kept, `large_string` made `string`: a BTree index refuses the former."""
    return pa.schema([f.with_type(pa.string()) if pa.types.is_large_string(f.type) else f for f in schema])


def in_list(column: str, values: list[str]) -> str:
    quoted = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
    return f"{column} IN ({quoted})"
