"""Parquet: a row a record. Belongs here: which columns and values are read, and how far a small file may expand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Foreign, Outcomes, Problem, Record, Unreadable, folded
from genaiops_assets.corpus.read.streams import seekable

ROWS = 256  # read at once
MOST_AT_ONCE = 1 << 20  # bytes of a dictionary that is decoded for a whole batch
ROW_COST = 100  # bytes a row counts at least against the limit of expansion


def parquet_rows(path: Path, name: str, wanted: frozenset[str] | None = None) -> Outcomes:
    """A row's line is its number, counted from 1. A value that cannot be read costs its row, a damaged page the rest
    of the file. `wanted`: folded names of the columns that are read; None: all."""
    import pyarrow as pa

    number = 0
    with seekable(path) as f:
        try:
            for outcome in _rows(f, path.stat().st_size, name, wanted):
                number += 1
                yield outcome
        except MemoryError:
            raise
        except (pa.ArrowException, OSError) as error:
            yield Problem(name, 0, "", f"broken Parquet file after {number} rows: {error}")


def _rows(f: Any, size: int, name: str, wanted: frozenset[str] | None) -> Iterator[Record | Problem]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(f, pre_buffer=False, buffer_size=1 << 20) as table:
        schema, columns = table.schema_arrow, table.metadata.num_columns
    if columns > outcomes.MAX_COLUMNS:
        raise Unreadable(f"{columns} columns, more than the {outcomes.MAX_COLUMNS} that are read")
    read = [c for c in schema if wanted is None or folded(c.name) in wanted]
    unread = tuple(c.name[:50] for c in schema if c not in read)[:10]
    twice = [n for n, times in Counter(c.name for c in read).items() if times > 1]
    if twice:
        raise Unreadable(f"two columns are named {twice[0]!r}: rename one")
    flat = [c for c in read if wanted is None or c.type.num_fields == 0]
    # A dictionary stays one: decoded, a small file could say a long text a million times at once.
    texts = [c.name for c in flat if str(c.type) in ("string", "large_string")]
    limit, spent, number = max(outcomes.EXPANSION_FLOOR, size * outcomes.MAX_EXPANSION), 0, 0
    nested = {c.name: Foreign(str(c.type)) for c in read if c not in flat}
    with pq.ParquetFile(f, pre_buffer=False, buffer_size=1 << 20, read_dictionary=texts) as table:
        for batch in table.iter_batches(ROWS, columns=[c.name for c in flat]):
            columns = {c: _values(batch.column(c)) for c in batch.schema.names}
            for row in range(batch.num_rows):
                number += 1
                outcome = _row(name, number, {c: v[row] for c, v in columns.items()}, nested, unread)
                if isinstance(outcome, Record):
                    spent += sum(len(v) for v in outcome.fields.values() if isinstance(v, str))
                spent += ROW_COST
                if spent > limit:
                    raise Unreadable(f"expands beyond {limit} bytes: a decompression bomb?")
                yield outcome


def _values(column: Any) -> Any:
    """All values of a column as Python's where that is safe; as Arrow's, to be looked at one by one, where it is
    not."""
    import pyarrow as pa

    try:
        if isinstance(column, pa.DictionaryArray):
            return column.dictionary_decode().to_pylist() if column.dictionary.nbytes <= MOST_AT_ONCE else column
        return column.to_pylist()
    except (ValueError, OverflowError, ArithmeticError, pa.ArrowException):
        return column


def _row(name: str, number: int, cells: dict[str, Any], nested: dict[str, Any], unread: tuple[str, ...]) -> Any:
    fields: dict[str, Any] = {}
    for column, cell in cells.items():
        try:
            fields[column] = cell.as_py() if hasattr(cell, "as_py") else cell
        except UnicodeDecodeError as error:
            return Problem(name, number, column, f"not UTF-8 at byte {error.start} of the value")
        except (ValueError, OverflowError, ArithmeticError):  # a date beyond Python's, for one
            fields[column] = Foreign(str(cell.type))
    return Record(name, number, {**fields, **nested}, unread=unread)
