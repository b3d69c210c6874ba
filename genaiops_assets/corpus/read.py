"""Reading sources: files of several formats become raw records, or problems with file, line and field. Nothing is lost.

Belongs here: jsonl, json, csv, parquet, txt and md, plain or gzipped, one record at a time. Does not belong here: what becomes of a
record (`documents.py`).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".parquet": "parquet", ".txt": "txt", ".md": "md"}
MAX_LINE = 20_000_000  # bytes; a longer line is not a document


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
    try:
        yield from readers[kind](path, name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        yield Problem(name, 0, "", f"damaged gzip file: {error}")
    except UnicodeDecodeError as error:
        yield Problem(name, 0, "", f"not UTF-8 at byte {error.start}")
    except OSError as error:
        yield Problem(name, 0, "", f"cannot be read: {error.strerror or error}")


def _open(path: Path) -> io.BufferedIOBase:
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
            except ValueError as error:
                yield Problem(name, number, "", f"broken JSON: {error}", text[:200])
            else:
                yield _record(name, number, value)


def _json(path: Path, name: str) -> Iterator[Record | Problem]:
    with _open(path) as f:
        try:
            value = json.loads(f.read().decode("utf-8-sig"))
        except json.JSONDecodeError as error:
            yield Problem(name, error.lineno, "", f"broken JSON: {error.msg}")
            return
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield _record(name, number, item)


def _record(name: str, number: int, value: Any) -> Record | Problem:
    if isinstance(value, dict):
        return Record(name, number, value)
    return Problem(name, number, "", f"expected an object, found {type(value).__name__}", str(value)[:200])


def _csv(path: Path, name: str) -> Iterator[Record | Problem]:
    with io.TextIOWrapper(_open(path), encoding="utf-8-sig", newline="") as f:
        reader = csv.DictReader(f)
        try:
            for row in reader:
                if None in row or None in row.values():
                    yield Problem(name, reader.line_num, "", f"expected {len(reader.fieldnames or [])} columns", str(row)[:200])
                else:
                    yield Record(name, reader.line_num, dict(row))
        except csv.Error as error:
            yield Problem(name, reader.line_num, "", f"broken CSV: {error}")


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
