"""Tables: csv and parquet, a row a record. Belongs here: these two. Does not belong here: tables inside documents."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, Record
from genaiops_assets.corpus.read.streams import open_bytes, seekable, skip_line

PARQUET_ROWS = 256  # read at once
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes that are not UTF-8


class _TooLong(Exception):
    pass


class _Lines(Iterator[str]):
    """The lines of a text file, counted. Raises _TooLong in place of an endless one and goes on behind it."""

    def __init__(self, f: io.TextIOWrapper):
        self._file = f
        self.count = 0

    def __next__(self) -> str:
        line = self._file.readline(outcomes.MAX_LINE + 1)
        if not line:
            raise StopIteration
        self.count += 1
        if len(line) > outcomes.MAX_LINE:
            if line[-1] not in "\r\n":
                skip_line(self._file)
            raise _TooLong
        return line


def csv_rows(path: Path, name: str) -> Outcomes:
    """A row's line is its last one. A broken row does not keep the rows after it from being read, a broken header
    does."""
    csv.field_size_limit(max(csv.field_size_limit(), outcomes.MAX_LINE))  # of the whole process: others read CSV too
    with io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", errors="surrogateescape", newline="") as f:
        lines = _Lines(f)
        reader = csv.reader(lines, strict=True)
        header: list[str] = []
        while True:
            row, reason = list[str](), ""
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = f"broken CSV: {error}"
            except _TooLong:
                reason = f"line longer than {outcomes.MAX_LINE} characters"
                reader = csv.reader(lines, strict=True)  # the old one may be inside a quoted cell
            if any(_UNDECODED.search(cell) for cell in row):
                reason = "not UTF-8"
            elif header and row and len(row) != len(header):
                reason = f"expected {len(header)} columns, found {len(row)}"
            if reason:
                yield Problem(name, lines.count, "", reason, str(row)[:200])
                if not header:
                    return
            elif header and row:
                yield Record(name, lines.count, dict(zip(header, row, strict=True)))
            else:
                header = header or row


def parquet_rows(path: Path, name: str) -> Outcomes:
    """A row's line is its number, counted from 1. A damaged page ends the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with seekable(path) as f:
        try:
            with pq.ParquetFile(f, pre_buffer=False, buffer_size=1 << 20) as table:
                for batch in table.iter_batches(PARQUET_ROWS):
                    for row in batch.to_pylist():
                        number += 1
                        yield Record(name, number, row)
        except (pa.ArrowException, OSError) as error:
            yield Problem(name, 0, "", f"broken Parquet file after {number} rows: {error}")
