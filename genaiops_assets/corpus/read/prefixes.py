"""The state of what lies at a URL: a file, or all objects below a prefix. Belongs here: names, sizes and versions.
Does not: content."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any

from genaiops_assets.corpus.read.folders import Directory, Listing, is_left_out
from genaiops_assets.lake import with_secrets, without_secrets

# What the file systems of fsspec call the version of an object; plain HTTP pages of links know none.
VERSIONS = (
    "size",
    "ETag",
    "etag",
    "md5Hash",
    "md5",
    "Content-MD5",
    "content_md5",
    "generation",
    "versionId",
    "version_id",
    "mtime",
    "LastModified",
    "last_modified",
    "Last-Modified",
    "updated",
    "created",
)


LEAST = 0.2  # seconds a look gives the folder it began last
LONG, RESTS = 2.0, 20  # seconds; a folder that takes longer than that is being listed one twentieth of the time
PATIENCE = 3600.0  # seconds until a listing counts as hung and is begun again


class Listed:
    """One folder being listed in a thread: that of a million objects takes minutes, longer than a look may."""

    def __init__(self, name: str, make: Callable[[], Directory]) -> None:
        self.name, self._began, self.seconds = name, time.monotonic(), 0.0
        self._made: Directory | BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(make,), name=f"list {name}", daemon=True)
        self._thread.start()

    def _run(self, make: Callable[[], Directory]) -> None:
        made: Directory | BaseException
        try:
            made = make()
        except BaseException as error:  # raised again where it is waited for
            made = error
        self.seconds = time.monotonic() - self._began
        self._made = made

    def wait(self, seconds: float) -> Directory | None:
        """None while it is under way. Raises what listing raised, TimeoutError when it seems to hang."""
        self._thread.join(seconds)
        made = self._made
        if made is None and time.monotonic() - self._began > PATIENCE:
            raise TimeoutError(f"{self.name or 'its top folder'} was not listed within {PATIENCE:.0f} seconds")
        if isinstance(made, Directory | None):
            return made
        raise made if isinstance(made, Exception) else OSError(f"listing ended: {made!r}")


def entries_of(fs: Any, path: str) -> Iterator[Mapping[str, Any]]:
    """What lies in one folder, as fsspec describes it. S3 gives it page by page, so that memory does not follow the
    number of objects."""
    if "s3" not in fs.protocol:
        yield from fs.ls(path, detail=True)
        return
    bucket, key, _ = fs.split_path(path)
    asked = {"Bucket": bucket, "Prefix": f"{key}/" if key else "", "Delimiter": "/", **fs.req_kw}
    while True:
        page = fs.call_s3("list_objects_v2", **asked)
        if key and "ContinuationToken" not in asked and not page.get("Contents") and not page.get("CommonPrefixes"):
            raise FileNotFoundError(path)
        yield from ({"name": f"{bucket}/{p['Prefix']}", "type": "directory"} for p in page.get("CommonPrefixes", ()))
        objects = (
            o for o in page.get("Contents", ()) if not o["Key"].endswith("/")
        )  # such a one only stands for a folder
        yield from ({**o, "name": f"{bucket}/{o['Key']}", "type": "file", "size": o["Size"]} for o in objects)
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


class PrefixWatch:
    """The state of a prefix again and again, for a few seconds each time.

    An object store has no time of a directory, so its "folders" take turns: each call lists the longest unseen ones
    until `seconds` are over, and the state is known once each was seen. One folder is always listed whole; where that
    takes long, the next calls wait for it."""

    def __init__(self, ref: str, seconds: float = 3.0, environment: Mapping[str, str] = os.environ) -> None:
        self.ref, self.seconds, self.environment = ref, seconds, environment
        self._known: dict[str, Directory] = {}
        self._unseen, self._turns = deque([""]), deque[str]()
        self._under_way: Listed | None = None
        self._rests: dict[str, float] = {}

    def listing(self) -> Listing | None:
        """None while something was never seen. Raises OSError without any secret when it cannot be listed."""
        used: dict[str, str] = {}
        try:
            import fsspec

            url, used = with_secrets(self.ref, self.environment)
            fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
            self._look(fs, root.rstrip("/"))
        except Exception as error:  # each of fsspec's systems has its own
            raise OSError(f"{self.ref}: {without_secrets(f'{type(error).__name__}: {error}', used)}") from None
        if self._unseen:
            return None
        found = self._known.values()
        return Listing(f"{sum(d.total for d in found) % 2**128:032x}", sum(d.files for d in found), 0.0)

    @property
    def seen(self) -> int:
        """Objects seen so far."""
        return sum(d.files for d in self._known.values())

    def _look(self, fs: Any, root: str) -> None:
        deadline, turns = time.monotonic() + self.seconds, len(self._turns)
        while self._under_way or self._unseen or turns:
            if not self._under_way:
                turns -= not self._unseen
                name = self._unseen[0] if self._unseen else self._next_turn()
                if name is None:
                    continue
                self._under_way = Listed(name, partial(self._list, fs, root, name))
            if not self._finish(self._under_way, deadline) or time.monotonic() > deadline:
                return

    def _next_turn(self) -> str | None:
        """The folder whose turn it is, None when it is gone or rests."""
        name = self._turns.popleft()
        if self._rests.get(name, 0.0) > time.monotonic():
            self._turns.append(name)
            return None
        return name if name in self._known else None

    def _finish(self, listed: Listed, deadline: float) -> bool:
        """Whether the folder under way is listed now; what it holds is kept then."""
        try:
            found = listed.wait(min(max(deadline - time.monotonic(), LEAST), threading.TIMEOUT_MAX))
        except FileNotFoundError:
            self._under_way = None
            if not listed.name:
                raise
            self._forget(listed.name)
            return True
        except Exception:
            self._under_way = None
            if listed.name in self._known:
                self._turns.append(listed.name)
            raise
        if found is None:
            return False
        self._under_way = None
        if listed.name in self._unseen:
            self._unseen.remove(listed.name)
        self._keep(listed.name, found)
        self._turns.append(listed.name)
        if listed.seconds > LONG:
            self._rests[listed.name] = time.monotonic() + RESTS * listed.seconds
        return True

    def _list(self, fs: Any, root: str, name: str) -> Directory:
        path = f"{root}/{name}" if name else root
        total, files, below = 0, 0, []
        for entry in entries_of(fs, path) if name or self._is_folder(fs, path) else [fs.info(path)]:
            inner = str(entry["name"]).rstrip("/").removeprefix(root).lstrip("/")
            if is_left_out(inner.rpartition("/")[2]) or inner == name != "":
                continue
            if entry["type"] == "directory":
                below += [inner] if inner else []
            else:
                described = "\0".join([inner, *(f"{k}={entry[k]}" for k in VERSIONS if entry.get(k) is not None)])
                total += int.from_bytes(blake2b(described.encode("utf-8", "surrogateescape"), digest_size=16).digest())
                files += 1
        return Directory(0, time.time(), total, files, 0.0, tuple(below))

    def _is_folder(self, fs: Any, path: str) -> bool:
        if self.ref.endswith("/") or self.ref.startswith(("http://", "https://")):
            return self.ref.endswith("/")
        return fs.info(path)["type"] == "directory"

    def _keep(self, name: str, found: Directory) -> None:
        before = self._known.get(name)
        for gone in set(before.below if before else ()) - set(found.below):
            self._forget(gone)
        self._unseen += [n for n in found.below if n not in self._known and n not in self._unseen]
        self._known[name] = found

    def _forget(self, name: str) -> None:
        if name in self._unseen:
            self._unseen.remove(name)
        self._rests.pop(name, None)
        if known := self._known.pop(name, None):
            for below in known.below:
                self._forget(below)
