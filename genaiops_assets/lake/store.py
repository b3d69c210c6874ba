"""Bytes by key below one root, a local folder or any fsspec URL (s3://, gs://, memory://).

Belongs here: the few storage operations the lake needs, atomic on a local disk and on an object store. Does not belong
here: what the bytes mean.
"""

from __future__ import annotations

import os
import shutil
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets.lake.canonical import write_atomically
from genaiops_assets.lake.names import refuse_unsafe_key


class Store:
    """`url`: a local path or an fsspec URL; `cache`: local folder for copies of remote files. Every key is checked
    before it becomes a path: each method raises UnsafeName for one that would lead elsewhere."""

    def __init__(self, url: str | Path, cache: Path | None = None):
        self.url = str(url)
        self.cache = cache
        self.is_local = "://" not in self.url

    @cached_property
    def root(self) -> Path:
        return Path(self.url).absolute()

    @cached_property
    def _remote(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        fs, root = url_to_fs(self.url, use_listings_cache=False)  # a cached listing hides what other writers added
        return fs, root.rstrip("/")

    def _key(self, key: str) -> str:
        return f"{self._remote[1]}/{refuse_unsafe_key(key)}"

    def _path(self, key: str) -> Path:
        return self.root / refuse_unsafe_key(key)

    def uri(self, key: str) -> str:
        return str(self._path(key)) if self.is_local else f"{self.url.rstrip('/')}/{refuse_unsafe_key(key)}"

    def exists(self, key: str) -> bool:
        return self._path(key).exists() if self.is_local else bool(self._remote[0].exists(self._key(key)))

    def read(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        return self._path(key).read_bytes() if self.is_local else self._remote[0].cat_file(self._key(key))

    def write(self, key: str, data: bytes) -> None:
        """Overwrite in one step."""
        if self.is_local:
            write_atomically(self._path(key), data)
        else:
            self._remote[0].pipe_file(self._key(key), data)

    def protect(self, key: str) -> None:
        """Readable by its owner alone, where the store is a local disk."""
        if self.is_local:
            self._path(key).chmod(0o600)

    def create(self, key: str, data: bytes) -> None:
        """Write a key that must not exist yet. Raises FileExistsError; of two writers one wins."""
        if not self.is_local:
            if self.exists(key):
                raise FileExistsError(key)
            self._remote[0].pipe_file(self._key(key), data, mode="create")
            return
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with open(temporary, "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Remove one key; one that is gone already is fine."""
        if self.is_local:
            self._path(key).unlink(missing_ok=True)
        elif self.exists(key):
            self._remote[0].rm_file(self._key(key))

    def remove_folder(self, key: str) -> None:
        """Remove all below a key, the folder too."""
        if self.is_local:
            shutil.rmtree(self._path(key), ignore_errors=True)
        elif self.exists(key):
            self._remote[0].rm(self._key(key), recursive=True)

    def list(self, prefix: str) -> list[str]:
        """Names (files and folders) directly below a prefix, sorted; temporary files left out."""
        if self.is_local:
            folder = self._path(prefix)
            names = os.listdir(folder) if folder.is_dir() else []
        else:
            fs, _ = self._remote
            path = self._key(prefix)
            names = [PurePosixPath(p).name for p in fs.ls(path, detail=False)] if fs.exists(path) else []
        return sorted(n for n in names if not n.startswith("."))

    def put_folder(self, folder: Path, key: str, *, last: str) -> None:
        """Publish a local folder under a key. Local: one rename. Remote: `last` (the manifest) is written after all
        else, so that its existence means the whole is there. A key that already holds the folder stays as it is."""
        if self.is_local:
            target = self._path(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.rename(folder, target)
            except OSError:
                if not (target / last).exists():
                    raise
                shutil.rmtree(folder)
            return
        if self.exists(f"{key}/{last}"):
            shutil.rmtree(folder)
            return
        names = [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file()]
        for name in sorted(names, key=lambda n: n == last):
            self.write(f"{key}/{name}", (folder / name).read_bytes())
        shutil.rmtree(folder)

    def local(self, key: str, *, fresh: bool = False) -> Path:
        """A local path with the content of a file or folder: the thing itself, or a copy in the cache (`fresh`: copied
        again)."""
        if self.is_local:
            return self._path(key)
        if self.cache is None:
            raise ValueError(f"{self.url}: a remote store needs a local cache folder")
        target = self.cache / refuse_unsafe_key(key)
        if fresh or not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            fs, _ = self._remote
            with TemporaryDirectory(prefix=".", dir=target.parent) as folder:  # its own: two processes may copy at once
                fs.get(self._key(key) + ("/" if fs.isdir(self._key(key)) else ""), f"{folder}/new", recursive=True)
                if fresh and target.exists():
                    os.replace(target, f"{folder}/old")
                try:
                    os.replace(f"{folder}/new", target)
                except OSError:
                    if not target.exists():  # otherwise another process was faster
                        raise
        return target
