"""Reading sources: files of several formats become raw records, or problems with file, line and field. Nothing is lost.

Belongs here: jsonl, json, csv, parquet, txt, md, html, pdf and docx, plain or packed (`.gz`, `.zst`), one record at a
time in bounded memory. Does not belong here: what becomes of a record (`documents.py`)."""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.docx import docx_text
from genaiops_assets.corpus.read.folders import (
    PACKED,
    SUFFIXES,
    FolderWatch,
    Listing,
    files_of,
    format_of,
    listing_of,
    stem_of,
    walk,
)
from genaiops_assets.corpus.read.json_rows import json_lines, json_values
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, Record, Unreadable, trimmed
from genaiops_assets.corpus.read.parquet import parquet_rows
from genaiops_assets.corpus.read.pdf import pdf_text
from genaiops_assets.corpus.read.plain import plain_text
from genaiops_assets.corpus.read.prefixes import PrefixWatch
from genaiops_assets.corpus.read.table_rows import csv_rows
from genaiops_assets.corpus.read.web_page import web_page

__all__ = [
    "PACKED",
    "READERS",
    "SUFFIXES",
    "FolderWatch",
    "Listing",
    "Outcomes",
    "PrefixWatch",
    "Problem",
    "Record",
    "files_of",
    "format_of",
    "listing_of",
    "read_file",
    "stem_of",
    "walk",
]

READERS: dict[str, Callable[[Path, str], Outcomes]] = {
    "jsonl": json_lines,
    "json": json_values,
    "txt": plain_text,
    "md": plain_text,
    "html": web_page,
    "pdf": pdf_text,
    "docx": docx_text,
}


TABLES: dict[str, Callable[[Path, str, frozenset[str] | None], Outcomes]] = {"csv": csv_rows, "parquet": parquet_rows}


def read_file(
    path: Path, name: str, kind: str = "auto", wanted: frozenset[str] | None = None, *, links: bool = False
) -> Outcomes:
    """Every record of a file in order; what cannot be read comes as a Problem and reading goes on where it can, so
    that no file keeps the others from being read. `wanted`: folded names of the fields that are used, others are not
    looked at; None: all. `links`: whether a link is followed. Raises ImportError where a reader's library is
    missing."""
    kind = (format_of(path) or "") if kind == "auto" else kind
    if reason := _no_file(path, links):
        yield Problem(name, 0, "", reason)
        return
    if kind not in READERS and kind not in TABLES:
        yield Problem(
            name, 0, "", f"unknown format {path.suffix or '(none)'}; expected one of {', '.join(sorted(SUFFIXES))}"
        )
        return
    is_empty = True
    try:
        if path.stat().st_size == 0:
            yield Problem(name, 0, "", "empty file")
            return
        for outcome in TABLES[kind](path, name, wanted) if kind in TABLES else READERS[kind](path, name):
            is_empty = False
            yield trimmed(outcome, wanted) if isinstance(outcome, Record) else outcome
        if is_empty:
            yield Problem(name, 0, "", "no records in the file")
    except ImportError:
        raise
    except Exception as error:  # parsers of hostile files fail in every way there is
        yield Problem(name, 0, "", _reason(error, path))


def _no_file(path: Path, links: bool) -> str:
    """Why there is nothing to read at a place; empty when it is a file."""
    try:
        if path.is_symlink() and not links:
            return "a link: not followed, put the file itself here"
        kind = path.stat().st_mode
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if stat.S_ISDIR(kind):
        return "a folder that cannot be read"
    return "" if stat.S_ISREG(kind) else "not a file: a pipe, a socket or a device"


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, gzip.BadGzipFile | EOFError | zlib.error):
        return f"damaged gzip file: {error}"
    if isinstance(error, UnicodeDecodeError):
        encoding = error.encoding.upper().removesuffix("-LE").removesuffix("-BE")
        return f"not {encoding} at byte {error.start}" + (": save it as UTF-8" if encoding == "UTF-8" else "")
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, OSError):
        what = "damaged zstd file" if path.suffix.lower() == ".zst" and error.errno is None else "cannot be read"
        return f"{what}: {error.strerror or error}"
    if isinstance(error, MemoryError):
        return f"takes more than {outcomes.MAX_MEMORY >> 20} MiB to read: split it"
    return f"cannot be read: {type(error).__name__}: {error}"[:500]
