"""Reading sources: files of several formats become raw records, or problems with file, line and field. Nothing is lost.

Belongs here: jsonl, json, csv, parquet, txt and md, plain or gzipped, one record at a time. Does not belong here: what becomes
of a record (`documents.py`).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".txt": "txt",
    ".md": "md",
}
MAX_LINE = 20_000_000  # bytes; a longer line is not a document
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes that are not UTF-8


@dataclass(frozen=True)
class Record:
    file: str
    line: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Input that could not become a document."""

    file: str
    line: int
    field: str
    reason: str
    excerpt: str = ""


def format_of(path: Path) -> str | None:
    """By suffix, `.gz` looked through; None when unknown."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def files_of(path: Path) -> list[Path]:
    """The file itself, or all files with a known suffix below a folder, in the order of their path."""
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".") and format_of(p))


def read_file(path: Path, name: str, kind: str = "auto") -> Iterator[Record | Problem]:
    """Every record of a file in order; what cannot be read comes as a Problem and reading goes on where it can."""
    kind = (format_of(path) or "") if kind == "auto" else kind
    readers = {"jsonl": _json_lines, "json": _json, "csv": _csv, "parquet": _parquet, "txt": _whole_text, "md": _whole_text}
    if kind not in readers:
        yield Problem(name, 0, "", f"unknown format {path.suffix or '(none)'}; expected one of {', '.join(sorted(SUFFIXES))}")
        return
    if path.stat().st_size == 0:
        yield Problem(name, 0, "", "empty file")
        return
    is_empty = True
    try:
        for outcome in readers[kind](path, name):
            is_empty = False
            yield outcome
        if is_empty:
            yield Problem(name, 0, "", "no records in the file")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        yield Problem(name, 0, "", f"damaged gzip file: {error}")
    except UnicodeDecodeError as error:
        yield Problem(name, 0, "", f"not UTF-8 at byte {error.start}")
    except OSError as error:
        yield Problem(name, 0, "", f"cannot be read: {error.strerror or error}")


def _open(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else open(path, "rb")  # type: ignore[return-value]


def _json_lines(path: Path, name: str) -> Iterator[Record | Problem]:
    with _open(path) as f:
        for number, raw in enumerate(iter(lambda: f.readline(MAX_LINE + 1), b""), start=1):
            if len(raw) > MAX_LINE:
                yield Problem(name, number, "", f"line longer than {MAX_LINE} bytes; the rest of the file was not read")
                return
            if not raw.strip():
                continue
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                value = json.loads(text)
            except UnicodeDecodeError as error:
                yield Problem(name, number, "", f"not UTF-8 at byte {error.start} of the line", repr(raw[:80]))
            except (ValueError, RecursionError) as error:
                yield Problem(name, number, "", f"broken JSON: {error}", text[:200])
            else:
                yield _record(name, number, value)


def _json(path: Path, name: str) -> Iterator[Record | Problem]:
    with _open(path) as f:
        text = f.read().decode("utf-8-sig")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Problem(name, getattr(error, "lineno", 0), "", f"broken JSON: {error}")
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield _record(name, number, item)


def _record(name: str, number: int, value: Any) -> Record | Problem:
    if isinstance(value, dict):
        return Record(name, number, value)
    return Problem(name, number, "", f"expected an object, found {type(value).__name__}", str(value)[:200])


def _csv(path: Path, name: str) -> Iterator[Record | Problem]:
    """A row's line is its last one. A broken row does not keep the rows after it from being read, a broken header does."""
    csv.field_size_limit(MAX_LINE)
    with io.TextIOWrapper(_open(path), encoding="utf-8-sig", errors="surrogateescape", newline="") as f:
        reader = csv.reader(f, strict=True)
        header: list[str] = []
        while True:
            row, reason = list[str](), ""
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = f"broken CSV: {error}"
            if any(_UNDECODED.search(cell) for cell in row):
                reason = "not UTF-8"
            elif header and row and len(row) != len(header):
                reason = f"expected {len(header)} columns, found {len(row)}"
            if reason:
                yield Problem(name, reader.line_num, "", reason, str(row)[:200])
                if not header:
                    return
            elif header and row:
                yield Record(name, reader.line_num, dict(zip(header, row, strict=True)))
            else:
                header = header or row


def _parquet(path: Path, name: str) -> Iterator[Record | Problem]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        for batch in pq.ParquetFile(path).iter_batches(1024):
            for row in batch.to_pylist():
                number += 1
                yield Record(name, number, row)
    except pa.ArrowException as error:
        yield Problem(name, 0, "", f"broken Parquet file: {error}")


def _whole_text(path: Path, name: str) -> Iterator[Record | Problem]:
    with _open(path) as f:
        text = f.read().decode("utf-8-sig")
    stem = path.name.split(".")[0]
    heading = next((line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")), "")
    yield Record(name, 1, {"doc_id": stem, "title": heading or stem, "text": text})
