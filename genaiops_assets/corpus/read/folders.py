"""Which files a source has, and the format of each. Belongs here: names and order. Does not belong here: what is in the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
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


def is_left_out(name: str) -> bool:
    return name.startswith(".") or name.endswith(".partial")


def walk(path: Path, *, data_set: bool = False) -> Iterator[Path]:
    """The file itself, or all files below a folder in the order of their path. Hidden files, half-copied ones (`.partial`) and, in
    a repository of data sets, the files about the data are left out; files of unknown format are not: they are to be counted."""
    if path.is_file():
        yield path
        return
    for entry in sorted(os.scandir(path), key=lambda e: e.name):
        if is_left_out(entry.name):
            continue
        if entry.is_dir():
            yield from walk(Path(entry.path), data_set=data_set)
        elif entry.is_file() and not (data_set and entry.name.lower() in ABOUT_A_DATA_SET):
            yield Path(entry.path)


def files_of(path: Path) -> list[Path]:
    """All files of a source at once, in the order of their path."""
    return list(walk(path))


@dataclass(frozen=True)
class Listing:
    """A folder by names, sizes and times: equal when no file was added, removed or changed. `newest`: time of the last change, seconds."""

    digest: str
    files: int
    newest: float


def listing_of(folder: Path) -> Listing:
    """The files that `walk` gives, without sorting and without a path object for each: 5 µs a file. Their hashes are added up, so the
    order in which the disk lists them does not matter. A folder that is not there is an empty one; raises OSError for one that cannot be read."""
    total, files, newest = 0, 0, 0.0
    folders = [(str(folder), "")] if folder.is_dir() else []
    while folders:
        path, prefix = folders.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if is_left_out(entry.name):
                    continue
                if entry.is_dir():
                    folders.append((entry.path, f"{prefix}{entry.name}/"))
                elif entry.is_file():
                    state = entry.stat()
                    described = f"{prefix}{entry.name}\0{state.st_size}\0{state.st_mtime_ns}"
                    total += int.from_bytes(blake2b(described.encode("utf-8", "surrogateescape"), digest_size=16).digest())
                    files += 1
                    newest = max(newest, state.st_mtime)
    return Listing(f"{total % 2**128:032x}", files, newest)
