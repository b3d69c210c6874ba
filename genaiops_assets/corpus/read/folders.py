"""Which files a source has, and the format of each. Belongs here: names and order. Does not belong here: what is in
the files."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from genaiops_assets.corpus.read import outcomes

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
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)  # also what turns a line's direction round
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
    """The file itself, or everything below a folder that is no folder, in the order of its path. Hidden files,
    half-copied ones (`.partial`) and, in a repository of data sets, the files about the data are left out. The rest is
    given even where it cannot be read (unknown formats, links, pipes, a folder nobody may open): it is to be
    counted. Links are not followed: what they show lies elsewhere, or is the folder itself."""
    if not path.is_dir():
        yield path
        return
    waiting = [path]
    while waiting:
        place = waiting.pop()
        if place != path and not is_folder(place):
            yield place
            continue
        try:
            with os.scandir(place) as found:
                entries = sorted((e for e in found if not is_left_out(e.name)), key=lambda e: e.name, reverse=True)
        except OSError:
            if place == path:
                raise
            yield place
            continue
        about = ABOUT_A_DATA_SET if data_set else ()
        waiting += [Path(e.path) for e in entries if e.name.lower() not in about or e.is_dir(follow_symlinks=False)]


def is_folder(path: Path) -> bool:
    """A folder itself, not a link to one."""
    return path.is_dir() and not path.is_symlink()


def is_own(path: Path, root: Path, of_a_hub: bool) -> bool:
    """Whether a link may be followed: where it is the source itself, and where the cache of a hub, which lays each file
    down once, shows one of the same repository (`REPOSITORY/snapshots/COMMIT`)."""
    if path == root:
        return True
    with suppress(OSError, RuntimeError):
        return of_a_hub and path.resolve(strict=True).is_relative_to(root.parent.parent.resolve())
    return False


def printable(name: str) -> str:
    """A file's name as text: bytes that are not UTF-8 and control characters escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def fault_of_name(name: str) -> str:
    """Why a file of this name is not read; empty when it is."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "the file's name is not UTF-8: rename it"
    if size > outcomes.MAX_NAME:
        return f"the file's name is longer than {outcomes.MAX_NAME} bytes: shorten it"
    return "a control character in the file's name: rename it" if _CONTROL.search(name) else ""


def files_of(path: Path) -> list[Path]:
    """All files of a source at once, in the order of their path, and what else `walk` gives."""
    return list(walk(path))


@dataclass(frozen=True)
class Listing:
    """A folder by names, sizes and times: equal when no file was added, removed or changed. `newest`: time of the last
    change, seconds."""

    digest: str
    files: int
    newest: float


@dataclass(frozen=True)
class Directory:
    """One directory without those below it. `total`: the hashes of its files, added up, so that the disk's order does
    not matter."""

    changed_ns: int
    listed: float
    total: int
    files: int
    newest: float
    below: tuple[str, ...]


class FolderWatch:
    """The state of a folder again and again, at a cost that does not follow its size.

    A directory in which no name changed (its own time stands still) is not listed again at once; a file changed in
    place is found when its directory's turn comes: each time the longest unseen ones are listed, up to `budget` files,
    so a folder of fewer files is seen whole each time. One directory is always listed whole."""

    def __init__(self, folder: Path, budget: int = 100_000) -> None:
        self.folder, self.budget = str(folder), budget
        self._known: dict[str, Directory] = {}

    def listing(self) -> Listing:
        """The files that `walk` gives. A folder that is not there is an empty one; raises OSError for one that cannot
        be read."""
        if os.path.isfile(self.folder):
            state = os.stat(self.folder)
            return Listing(f"{hash_of('', state):032x}", 1, state.st_mtime)
        if not os.path.isdir(self.folder):
            return Listing(f"{0:032x}", 0, 0.0)
        due, before = self._due(), self._known
        self._known, waiting = {}, [""]
        while waiting:
            name = waiting.pop()
            known = before.get(name)
            if known is None or name in due or self._may_have_changed(name, known):
                known = self._list(name)
            self._known[name] = known
            waiting += known.below
        found = self._known.values()
        total = sum(d.total for d in found) % 2**128
        return Listing(f"{total:032x}", sum(d.files for d in found), max(d.newest for d in found))

    def _due(self) -> set[str]:
        due: set[str] = set()
        left = self.budget
        for name, directory in sorted(self._known.items(), key=lambda item: item[1].listed):
            left -= directory.files
            if left < 0 and due:
                break
            due.add(name)
        return due

    def _may_have_changed(self, name: str, known: Directory) -> bool:
        """Also when it was listed within two seconds of its last change: a later one can bear the same time."""
        changed = os.stat(os.path.join(self.folder, name)).st_mtime_ns
        return changed != known.changed_ns or known.listed - changed / 1e9 < 2

    def _list(self, name: str) -> Directory:
        path, prefix = os.path.join(self.folder, name), f"{name}/" if name else ""
        changed, listed = os.stat(path).st_mtime_ns, time.time()
        total, files, newest, below = 0, 0, 0.0, []
        try:
            entries = [entry for entry in os.scandir(path) if not is_left_out(entry.name)]
        except OSError:
            if not name:
                raise
            return Directory(changed, listed, hash_of(f"{prefix}?", os.stat(path)), 1, 0.0, ())
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                below.append(f"{prefix}{entry.name}")
                continue
            with suppress(FileNotFoundError):  # gone since it was listed
                state = entry.stat(follow_symlinks=False)
                total += hash_of(f"{prefix}{entry.name}", state)
                files += 1
                newest = max(newest, state.st_mtime)
        return Directory(changed, listed, total, files, newest, tuple(below))


def hash_of(name: str, state: os.stat_result) -> int:
    """128 bits of a file's name, size and time."""
    described = f"{name}\0{state.st_size}\0{state.st_mtime_ns}"
    return int.from_bytes(blake2b(described.encode("utf-8", "surrogateescape"), digest_size=16).digest())


def listing_of(folder: Path) -> Listing:
    """The state of a folder, seen whole."""
    return FolderWatch(folder).listing()
