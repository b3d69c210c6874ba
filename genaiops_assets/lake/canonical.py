"""Canonical content: the one way bytes are made and hashed, so that a digest depends on content alone.

Belongs here: key-sorted JSON, SHA-256 of values, files and folders. Does not belong here: where anything is stored.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SHORT = 12
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical_json(value: Any) -> bytes:
    """Key-sorted, compact UTF-8 JSON. Raises ValueError on NaN or infinity, TypeError on what JSON cannot hold."""
    return _CANONICAL.encode(value).encode()


def pretty_json(value: Any) -> bytes:
    """The same, indented: for files people open. Deterministic too."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def digest_of(value: Any) -> str:
    """SHA-256 (hex) of a JSON value's canonical form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def digest_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of_file(path: Path) -> str:
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def files_under(folder: Path) -> list[Path]:
    """All files below a folder in the order of their POSIX path."""
    return sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix())


def digest_of_folder(folder: Path) -> str:
    """SHA-256 over sorted (relative path, file digest); bytes of a name that are not UTF-8 count escaped."""
    return digest_of([[name, digest_of_file(path)] for name, path in _named_files(folder)])


def list_files(path: Path) -> list[dict[str, Any]]:
    """[{path, sha256, bytes}] of all files below a folder, or of one file, in the order of their names."""
    named = _named_files(path) if path.is_dir() else [(path.name, path)]
    return [{"path": name, "sha256": digest_of_file(file), "bytes": file.stat().st_size} for name, file in named]


def digest_of_list(files: list[dict[str, Any]], *, is_folder: bool) -> str:
    """What `digest_of_folder` or `digest_of_file` says of the files that were listed."""
    return digest_of([[f["path"], f["sha256"]] for f in files]) if is_folder else files[0]["sha256"]


def _named_files(folder: Path) -> list[tuple[str, Path]]:
    return [
        (os.fsencode(p.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace"), p)
        for p in files_under(folder)
    ]


def short(digest: str) -> str:
    return digest[:SHORT]


def write_json(path: Path, value: Any) -> None:
    """Write indented canonical JSON in one step: a reader sees the old file or the new one, never half of one."""
    write_atomically(path, pretty_json(value))


def write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    with open(temporary, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    os.replace(temporary, path)


def write_json_lines(path: Path, rows: Iterable[Any]) -> int:
    """One canonical JSON value a line. Returns the number of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with open(path, "wb") as f:
        for row in rows:
            f.write(canonical_json(row) + b"\n")
            count += 1
    return count


def read_json_lines(path: Path) -> list[Any]:
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]
