"""Inbox files: documents and quarantined lines leave the files that people put into the home's inbox.

Belongs here: taking records out of a file of each format, so that all others keep their places. Does not belong here:
which records go."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Lake, write_atomically
from genaiops_assets.use_case import UseCase

ID_FIELDS = ("doc_id", "id", "_id")  # what ingest takes for an id where a source names no field


def inbox_files(lake: Lake, uc: UseCase) -> list[Path]:
    folder = lake.home / "inbox" / uc.name / "documents"
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


def clean_inbox(
    lake: Lake, uc: UseCase, ids: Collection[str], lines: Collection[str], *, only_look: bool = False
) -> list[str]:
    """Take documents and quarantined lines out of the inbox. `ids`: document ids; `lines`: `file:line`, or `file:1`
    for a file that is one document. A line becomes an empty one, so that all others keep their numbers. Returns what
    was (or would be) changed."""
    root, changed = lake.home / "inbox" / uc.name / "documents", []
    for file in inbox_files(lake, uc):
        name = file.relative_to(root).as_posix()
        here = {int(n) for f, _, n in (entry.rpartition(":") for entry in lines) if f == name and n.isdigit()}
        after = without_records(file, set(ids), here)
        if after is None:
            continue
        changed.append(f"inbox/{uc.name}/documents/{name}")
        if only_look:
            continue
        if after:
            write_atomically(file, after)
        else:
            file.unlink()
    return changed


def without_records(file: Path, ids: set[str], lines: set[int]) -> bytes | None:
    """The file's bytes without some records, empty when none is left, None when it holds none of them."""
    kind, packed = kind_of(file)
    if kind not in (".jsonl", ".ndjson", ".json", ".csv", ".parquet"):
        return b"" if file.name.split(".")[0] in ids or file.stem in ids or lines & {0, 1} else None
    if kind == ".parquet":
        return parquet_without(file, ids)
    try:
        raw = unpacked(file, packed)
    except (OSError, ValueError, EOFError):
        return b"" if lines else None  # damaged: one unit
    edit = {".json": json_without, ".csv": csv_without}.get(kind, lines_without)
    after = edit(raw, ids, lines)
    return None if after is None else packed_again(after, packed) if after.strip() else b""


def kind_of(file: Path) -> tuple[str, str]:
    """(suffix of the format, suffix of the compression or nothing)"""
    suffixes = [s.lower() for s in file.suffixes]
    packed = suffixes.pop() if suffixes and suffixes[-1] in (".gz", ".zst") else ""
    return (suffixes[-1] if suffixes else ""), packed


def unpacked(file: Path, packed: str) -> bytes:
    if not packed:
        return file.read_bytes()
    import pyarrow as pa

    with pa.input_stream(str(file), compression={".gz": "gzip", ".zst": "zstd"}[packed]) as f:
        return f.read()


def packed_again(data: bytes, packed: str) -> bytes:
    if not packed:
        return data
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, {".gz": "gzip", ".zst": "zstd"}[packed]) as out:
        out.write(data)
    return sink.getvalue().to_pybytes()


def lines_without(raw: bytes, ids: set[str], lines: set[int]) -> bytes | None:
    kept = [b"" if n in lines or id_in(line) & ids else line for n, line in enumerate(raw.split(b"\n"), start=1)]
    after = b"\n".join(kept)
    return None if after == raw else after


def id_in(line: bytes) -> set[str]:
    try:
        return ids_of(json.loads(line.decode("utf-8-sig"))) if line.strip() else set()
    except (ValueError, RecursionError):
        return set()


def ids_of(record: Any) -> set[str]:
    """What may be the id of a record."""
    if not isinstance(record, dict):
        return set()
    return {
        str(record[f]) for f in ID_FIELDS if isinstance(record.get(f), (str, int)) and not isinstance(record[f], bool)
    }


def json_without(raw: bytes, ids: set[str], lines: set[int]) -> bytes | None:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return b"" if lines else None
    items = value if isinstance(value, list) else [value]
    kept = [
        item
        for n, item in enumerate(items, start=1)
        if not (ids_of(item) & ids or (n in lines and not isinstance(item, dict)))
    ]
    return (
        None if len(kept) == len(items) else (json.dumps(kept, ensure_ascii=False, indent=1).encode() if kept else b"")
    )


def csv_without(raw: bytes, ids: set[str], lines: set[int]) -> bytes | None:
    """Rows become as many empty lines as they took."""
    text = raw.decode("utf-8-sig", "surrogateescape")
    physical = text.splitlines(keepends=True)
    csv.field_size_limit(
        max(csv.field_size_limit(), len(text))
    )  # a limit of the whole process: another reader may have set it
    reader, header, start, hit = csv.reader(io.StringIO(text, newline="")), list[str](), 0, False
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            row = []
        record = dict(zip(header, row, strict=False)) if header else {}
        header = header or row
        if ids_of(record) & ids or (record and reader.line_num in lines):
            hit = True
            physical[start : reader.line_num] = ["\n"] * (reader.line_num - start)
        start = reader.line_num
    return "".join(physical).encode("utf-8", "surrogateescape") if hit else None


def parquet_without(file: Path, ids: set[str]) -> bytes | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError):
        return None
    named = next((f for f in ID_FIELDS if f in table.column_names), None)
    keep = [str(i) not in ids for i in table.column(named).to_pylist()] if named else []
    if all(keep):
        return None
    sink = pa.BufferOutputStream()
    pq.write_table(table.filter(pa.array(keep, pa.bool_())), sink)
    return sink.getvalue().to_pybytes() if any(keep) else b""
