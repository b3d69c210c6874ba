"""Reading sources: files of several formats become raw records, or problems with file, line and field. Nothing is lost.

Belongs here: jsonl, json, csv, parquet, txt, md, html, pdf and docx, plain or packed (`.gz`, `.zst`), one record at a
time in bounded memory. Does not belong here: what becomes of a record (`documents.py`)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

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
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, Record, Unreadable
from genaiops_assets.corpus.read.pdf import pdf_text
from genaiops_assets.corpus.read.plain import plain_text
from genaiops_assets.corpus.read.prefixes import PrefixWatch
from genaiops_assets.corpus.read.table_rows import csv_rows, parquet_rows
from genaiops_assets.corpus.read.web_page import web_page

__all__ = [
    "PACKED", "READERS", "SUFFIXES", "FolderWatch", "Listing", "Outcomes", "PrefixWatch", "Problem", "Record", "files_of", "format_of", "listing_of", "read_file", "stem_of", "walk",
]  # fmt: skip

READERS: dict[str, Callable[[Path, str], Outcomes]] = {
    "jsonl": json_lines,
    "json": json_values,
    "csv": csv_rows,
    "parquet": parquet_rows,
    "txt": plain_text,
    "md": plain_text,
    "html": web_page,
    "pdf": pdf_text,
    "docx": docx_text,
}


def read_file(path: Path, name: str, kind: str = "auto") -> Outcomes:
    """Every record of a file in order; what cannot be read comes as a Problem and reading goes on where it can."""
    kind = (format_of(path) or "") if kind == "auto" else kind
    if kind not in READERS:
        yield Problem(
            name, 0, "", f"unknown format {path.suffix or '(none)'}; expected one of {', '.join(sorted(SUFFIXES))}"
        )
        return
    is_empty = True
    try:
        if path.stat().st_size == 0:
            yield Problem(name, 0, "", "empty file")
            return
        for outcome in READERS[kind](path, name):
            is_empty = False
            yield outcome
        if is_empty:
            yield Problem(name, 0, "", "no records in the file")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        yield Problem(name, 0, "", f"damaged gzip file: {error}")
    except UnicodeDecodeError as error:
        yield Problem(name, 0, "", f"not UTF-8 at byte {error.start}")
    except Unreadable as error:
        yield Problem(name, 0, "", str(error))
    except OSError as error:
        what = "damaged zstd file" if path.suffix.lower() == ".zst" and error.errno is None else "cannot be read"
        yield Problem(name, 0, "", f"{what}: {error.strerror or error}")
