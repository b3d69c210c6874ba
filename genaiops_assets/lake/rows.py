"""Rows of a table as they are written and hashed: id, content, and the hash of the content.

Belongs here: row hashes, the digest over rows, and the Parquet file that a table takes its rows from. Columns that
follow from others (vectors) carry no weight in the row hash: their bytes differ in the last bit from batch to batch.
Does not belong here: tables (`tables.py`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.lake.canonical import canonical_json

ROW_BATCH = 4096
GROUP_CHARACTERS = 32_000_000  # of text held before it is written: long documents must not pile up


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


def digest_of_derived(table: Any, columns: list[str]) -> str:
    """The digest over (id, derived columns) of an open Lance table, whatever the order of its rows: floats by their
    bytes, the rest as canonical JSON."""
    ids, hashes = list[str](), list[str]()
    for batch in table.search().select(["id", *columns]).to_batches(ROW_BATCH):
        ids += batch.column("id").to_pylist()
        parts = [cell_bytes(batch.column(c)) for c in columns]
        hashes += [hashlib.sha256(b"\0".join(row)).hexdigest() for row in zip(*parts, strict=True)]
    return digest_of_rows(ids, hashes)


def cell_bytes(column: pa.Array) -> list[bytes]:
    kind = column.type
    if pa.types.is_fixed_size_list(kind) and pa.types.is_floating(kind.value_type):
        return [b"" if v is None else np.asarray(v, dtype="<f8").tobytes() for v in column.to_pylist()]
    return [canonical_json(v) for v in column.to_pylist()]


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
    if not values:
        return "false"  # an empty list is no SQL
    quoted = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
    return f"{column} IN ({quoted})"
