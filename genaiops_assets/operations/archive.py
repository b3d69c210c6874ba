"""The file of a backup: a tar that is written and read as a stream, with a manifest at its end.

Belongs here: its form, and that nothing half written ever stands under its name. Does not belong here: which files go
into it (`contents.py`).

The manifest comes last because the digests are computed while the bytes are copied; a file without one was cut off."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from genaiops_assets.errors import AlreadyThere, Refused, Unusable
from genaiops_assets.lake import LeaseTimeout, lease, pretty_json

MANIFEST = "manifest.json"  # its name in the tar; everything else lies below `home/`
INSIDE = "home/"
KIND, SCHEMA_VERSION = "genaiops_backup", 1
PIECE = 1 << 20  # bytes


class Hashing:
    """A file that is read or written once, from its beginning; `sha256` of all that went through, `size` in bytes."""

    def __init__(self, file: IO[bytes], limit: int | None = None):
        self.file, self.left, self.sha256, self.size = file, limit, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        wanted = size if self.left is None else self.left if size < 0 else min(size, self.left)
        data = self.file.read(wanted)
        self.left = None if self.left is None else self.left - len(data)
        return self._seen(data)

    def write(self, data: bytes) -> int:
        self.file.write(self._seen(data))
        return len(data)

    def _seen(self, data: bytes) -> bytes:
        self.sha256.update(data)
        self.size += len(data)
        return data


@dataclass
class Writing:
    """A backup being written. `files`: [{path, sha256, bytes}] so far."""

    tar: tarfile.TarFile
    files: list[dict[str, Any]] = field(default_factory=list)

    def add_file(self, path: str, source: Path) -> None:
        """A file as it is when it is opened: what is appended meanwhile is left to the next backup. Raises
        FileNotFoundError."""
        with source.open("rb") as file:
            self._add(path, file, os.fstat(file.fileno()).st_size)

    def add_bytes(self, path: str, data: bytes) -> None:
        self._add(path, io.BytesIO(data), len(data))

    def _add(self, path: str, file: IO[bytes], size: int) -> None:
        hashing = Hashing(file, size)
        self.tar.addfile(described(INSIDE + path, size), hashing)  # type: ignore[arg-type]
        self.files.append({"path": path, "sha256": hashing.sha256.hexdigest(), "bytes": size})

    def finish(self, facts: dict[str, Any]) -> None:
        """The manifest, and with it the end."""
        content = pretty_json({"kind": KIND, "schema_version": SCHEMA_VERSION, **facts, "files": self.files})
        self.tar.addfile(described(MANIFEST, len(content)), io.BytesIO(content))


def described(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(time.time())
    return info


@contextmanager
def new_archive(target: Path, hashed: list[str]) -> Iterator[Writing]:
    """Write a backup beside `target`, and give it that name when all went well; `hashed` takes its SHA-256. What a
    kill leaves is a hidden file that the next backup of that name replaces. Raises AlreadyThere, Refused."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        with lease(partial, timeout=0):
            refuse_existing(target)
            try:
                with partial.open("wb") as file:
                    os.chmod(partial, 0o600)
                    through = Hashing(file)
                    with tarfile.open(fileobj=through, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
                        yield Writing(tar)
                    file.flush()
                    os.fsync(file.fileno())
                hashed.append(through.sha256.hexdigest())
                os.replace(partial, target)
                sync_folder(target.parent)
            finally:
                partial.unlink(missing_ok=True)
    except LeaseTimeout:
        raise Refused(f"another process is writing {target.name} just now") from None


def refuse_existing(target: Path) -> None:
    if target.exists():
        raise AlreadyThere(f"{target} exists already; nothing was written")


def sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every file system lets a folder be synced
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def members(file: IO[bytes], name: str) -> Iterator[tuple[str, Any]]:
    """(name, readable) of each member in its order. Raises Unusable on what a backup never holds, and TarError, from
    the readable too, where the file is cut off."""
    with tarfile.open(fileobj=file, mode="r|") as tar:
        for info in tar:
            content = tar.extractfile(info) if info.isreg() else None
            if content is None:
                raise Unusable(f"{name}: {info.name!r} is no plain file; this is no backup of genaiops")
            yield info.name, content


def read_manifest(content: bytes, name: str) -> dict[str, Any]:
    """Raises Unusable when it is none."""
    try:
        manifest = json.loads(content)
        if manifest["kind"] != KIND or manifest["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"{manifest['kind']} of version {manifest['schema_version']}")
        return {**manifest, "files": list(manifest["files"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{name}: its manifest cannot be read ({error})") from error
