"""Which files a source has, and the format of each. Belongs here: names and order. Does not belong here: what is in the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".txt": "txt",
    ".md": "md",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
PACKED = {".gz": "gzip", ".zst": "zstd"}
ABOUT_A_DATA_SET = {"readme.md", "license", "license.md", "license.txt", "dataset_infos.json", "dataset_info.json"}


def packing_of(path: Path) -> str | None:
    """`gzip`, `zstd` or None, by suffix."""
    return PACKED.get(path.suffix.lower())


def format_of(path: Path) -> str | None:
    """By suffix, `.gz` and `.zst` looked through; None when unknown."""
    inner = path.with_suffix("") if packing_of(path) else path
    return SUFFIXES.get(inner.suffix.lower())


def stem_of(name: str) -> str:
    """The name without the suffixes that tell format and packing: `a/notes.v2.txt.gz` → `a/notes.v2`."""
    path = Path(name)
    path = path.with_suffix("") if packing_of(path) else path
    return (path.with_suffix("") if path.suffix.lower() in SUFFIXES else path).as_posix()


def walk(path: Path, *, data_set: bool = False) -> Iterator[Path]:
    """The file itself, or all files below a folder in the order of their path. Hidden files, half-copied ones (`.partial`) and, in
    a repository of data sets, the files about the data are left out; files of unknown format are not: they are to be counted."""
    if path.is_file():
        yield path
        return
    for entry in sorted(os.scandir(path), key=lambda e: e.name):
        if entry.name.startswith(".") or entry.name.endswith(".partial"):
            continue
        if entry.is_dir():
            yield from walk(Path(entry.path), data_set=data_set)
        elif entry.is_file() and not (data_set and entry.name.lower() in ABOUT_A_DATA_SET):
            yield Path(entry.path)


def files_of(path: Path) -> list[Path]:
    """All files of a source at once, in the order of their path."""
    return list(walk(path))
