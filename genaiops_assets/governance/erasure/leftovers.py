"""Leftovers: copies of document text outside tables and artifacts: inbox files, caches, scratch, logs and Dagster's
history.

Belongs here: finding and removing them in one home. Does not belong here: deciding what is erased. Sources outside the
home belong to others and are only named."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Editor, Lake, LeaseTimeout, edited, edited_json, lease, write_atomically
from genaiops_assets.use_case import UseCase

ID_FIELDS = ("doc_id", "id", "_id")  # what ingest takes for an id where a source names no field
LARGEST_LOG = 32 * 2**20  # bytes; larger files are no logs of ours
OLD = 600.0  # seconds after which a nameless temporary folder belongs to nobody
SQLITE = b"SQLite format 3\0"


# --- the inbox
# ----------------------------------------------------------------------------------------------------------


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


# --- caches and scratch
# -------------------------------------------------------------------------------------------------


def clean_stage_files(lake: Lake, uc: UseCase, ids: Collection[str], *, only_look: bool = False) -> list[str]:
    """Take rows out of the corpus engine's stage files: every Parquet file with an `id` column. Returns the files that
    held some."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    changed, gone = [], pa.array(sorted(ids), pa.string())
    folder = lake.cache / "corpus" / uc.name.replace("/", "__")
    for file in sorted(folder.rglob("*.parquet")) if folder.is_dir() else []:
        source = pq.ParquetFile(file)
        if "id" not in source.schema_arrow.names:
            continue
        hits = sum(pc.sum(is_one_of(b, gone)).as_py() or 0 for b in source.iter_batches(columns=["id"]))
        if not hits:
            continue
        changed.append(file.relative_to(lake.home).as_posix())
        if only_look:
            continue
        if hits == source.metadata.num_rows:
            file.unlink()
            continue
        partial = file.with_name(f".{file.name}.partial")
        with pq.ParquetWriter(partial, source.schema_arrow) as writer:
            for batch in source.iter_batches():
                writer.write_batch(batch.filter(pc.invert(is_one_of(batch, gone))))
        partial.replace(file)
    return changed


def is_one_of(batch: Any, gone: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(batch.column("id").cast(pa.string()), value_set=gone)


def drop_copies(lake: Lake, uc: UseCase, sources: Collection[str]) -> None:
    """Local copies of remote artifacts and of fetched sources: they are made again when needed."""
    if not lake.store.is_local:
        shutil.rmtree(lake.cache / "lake" / "artifacts" / uc.name, ignore_errors=True)
    affected = [source.ref for source in uc.sources if source.name in sources]
    if any("://" in ref for ref in affected):  # both are fetched again whenever a source is read
        shutil.rmtree(lake.cache / "url", ignore_errors=True)
        shutil.rmtree(lake.cache / "sql", ignore_errors=True)
    for ref in affected:
        if ref.startswith("hub-dataset:"):
            name = ref.removeprefix("hub-dataset:").partition("@")[0]
            shutil.rmtree(lake.cache / "hub" / f"datasets--{name.replace('/', '--')}", ignore_errors=True)


def drop_scratch(lake: Lake, uc: UseCase) -> None:
    """Resume state of this use case and staging folders nobody works in: both can be made again."""
    for folder in [*(lake.home / "scratch").glob("*"), *(lake.home / "staging").glob("*")]:
        if not folder.is_dir():
            continue
        if folder.name.startswith("tmp"):
            if time.time() - folder.stat().st_mtime > OLD:
                shutil.rmtree(folder, ignore_errors=True)
        elif folder.parent.name == "staging" or concerns(folder, uc):
            with suppress(LeaseTimeout), lease(lake.home / "staging" / f"{folder.name[:32]}.lease", timeout=0):
                shutil.rmtree(folder, ignore_errors=True)


def concerns(folder: Path, uc: UseCase) -> bool:
    job = folder / "job.json"
    return not job.exists() or f'"{uc.name}/' in job.read_text("utf-8", "replace")


# --- logs and Dagster's history
# -----------------------------------------------------------------------------------------


def log_files(lake: Lake) -> Iterator[Path]:
    for folder in (lake.home / "logs", lake.home / "dagster" / "storage"):
        for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if file.is_file() and file.stat().st_size <= LARGEST_LOG:
                yield file


def feedback_files(folder: Path) -> list[Path]:
    """The JSONL files of a feedback folder and of the folders in it, whatever the case of their ending; no links."""
    found = [p for p in folder.rglob("*") if p.suffix.lower() == ".jsonl"] if folder.is_dir() else []
    links = {p for p in folder.rglob("*") if p.is_symlink()} if found else set()
    return sorted(p for p in found if p.is_file() and not links & {p, *p.parents})


def edited_feedback(data: bytes, editor: Editor) -> bytes:
    """A line of feedback that repeats erased text goes as a whole: a preference about nothing teaches nothing."""
    return b"\n".join(
        b"" if line.strip() and edited(line, "line.txt", editor) != line else line for line in data.split(b"\n")
    )


def history_files(lake: Lake) -> list[Path]:
    found = sorted((lake.home / "dagster").rglob("*.db")) if (lake.home / "dagster").is_dir() else []
    return [p for p in found if p.is_file() and p.open("rb").read(16) == SQLITE]


def edited_history(file: Path, editor: Editor) -> Iterator[dict[str, Any]]:
    """Texts of a Dagster database that an editor changes: {table, column, row, content}. What is no JSON is one
    text."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        tables = [
            t for (t,) in db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        ]
        for table in tables:
            columns = [
                c[1]
                for c in db.execute(f'pragma table_info("{table}")')
                if not str(c[2]) or str(c[2]).upper().startswith(("TEXT", "VARCHAR"))
            ]
            for column in columns:
                for row, content in db.execute(
                    f'select rowid, "{column}" from "{table}" where length("{column}") > 40'
                ):
                    if isinstance(content, str) and (after := edited_event(content, editor)) != content:
                        yield {"table": table, "column": column, "row": row, "content": after}


def edited_event(content: str, editor: Editor) -> str:
    try:
        before = json.loads(content)
    except (ValueError, RecursionError):
        return editor.text(content)
    after = edited_json(before, editor)
    return content if after == before else json.dumps(after)


def rewrite_history(file: Path, changes: list[dict[str, Any]]) -> None:
    """Put other texts into a Dagster database, and nothing of the old ones left in its pages or its write-ahead log."""
    with closing(sqlite3.connect(file, timeout=60)) as db:
        db.execute("pragma secure_delete = on")
        with db:
            for c in changes:
                db.execute(f'update "{c["table"]}" set "{c["column"]}" = ? where rowid = ?', (c["content"], c["row"]))
        with suppress(
            sqlite3.OperationalError
        ):  # a reader may hold the file; secure_delete has overwritten the pages already
            db.execute("vacuum")
        db.execute("pragma wal_checkpoint(truncate)")
