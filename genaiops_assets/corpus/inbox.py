"""The inbox: where people drop documents, how files get there, what state it is in, and which state went through which
asset."""

import os
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read.folders import Listing, fault_of_name, files_of, format_of, listing_of, printable
from genaiops_assets.lake import Lake, digest_of, digest_of_file, read_tombstones
from genaiops_assets.use_case import UseCase

UNKNOWN_FORMAT = (
    "unknown format; jsonl, json, csv, parquet, txt, md, html, pdf and docx can be read, also with .gz or .zst"
)


def inbox_folder(lake: Lake, uc: UseCase) -> Path:
    """Where people drop documents: `GENAIOPS_HOME/inbox/USE_CASE/documents`."""
    return lake.home / "inbox" / uc.name / "documents"


def inbox_digest(lake: Lake, uc: UseCase) -> str:
    """Of names and content. What cannot be read counts by its name and why, so that it stops nothing."""
    folder = inbox_folder(lake, uc)
    try:
        files = files_of(folder) if folder.is_dir() else []
    except OSError as error:
        return digest_of([["", f"cannot be listed: {error.errno}"]])
    return digest_of([[printable(p.relative_to(folder).as_posix()), _content_of(p)] for p in files])


def _content_of(path: Path) -> str:
    """The digest of a file; of a link, a pipe or what nobody may read, which of these it is."""
    try:
        state = path.lstat()
        return digest_of_file(path) if stat.S_ISREG(state.st_mode) else f"kind {stat.S_IFMT(state.st_mode):o}"
    except OSError as error:
        return f"cannot be read: {error.errno}"


@dataclass(frozen=True)
class Arrivals:
    """What people want to put into the inbox: {its name there: the file}; and {file: why it is passed over}."""

    files: dict[str, Path]
    passed_over: dict[str, str]


def arrivals(given: Sequence[Path]) -> Arrivals:
    """A file goes in under its name, a folder with all below it that can be read, under the folder's. Of two files of
    one name the second goes in under its folder's name too. Raises ValueError for what cannot go in."""
    files, passed_over = dict[str, Path](), dict[str, str]()
    for path in given:
        if path.is_dir():
            for file in files_of(path):
                name = f"{path.resolve().name}/{file.relative_to(path).as_posix()}"
                if why := _fault(file, name):
                    passed_over[printable(str(file))] = why
                else:
                    files[_free(name, file, files)] = file
        elif why := ("no such file" if not path.exists() else _fault(path.resolve(), path.name)):
            raise ValueError(f"{printable(str(path))}: {why}")
        else:
            files[_free(path.name, path, files)] = path
    if not files:
        raise ValueError(f"{', '.join(map(str, given))}: no file that can be read")
    return Arrivals(files, passed_over)


def _fault(file: Path, name: str) -> str:
    if why := fault_of_name(name):
        return why
    if file.is_symlink() or not file.is_file():
        return "a link, or no file"
    return "" if format_of(Path(name)) else UNKNOWN_FORMAT


def _free(name: str, file: Path, files: dict[str, Path]) -> str:
    """The name, or with the file's folder before it where another file bears it."""
    for free in (name, f"{file.resolve().parent.name}/{name}"):
        if free not in files or files[free].resolve() == file.resolve():
            return free
    raise ValueError(f"{file}: a file of this name in a folder of this name is among them already; rename one")


def differs_in_inbox(folder: Path, name: str, file: Path) -> bool:
    """Whether another file of this name lies in the inbox."""
    target = folder / name
    return target.is_file() and digest_of_file(target) != digest_of_file(file)


def deliver(folder: Path, name: str, file: Path) -> None:
    """Copy a file into the inbox in one step: readers see all of it or nothing."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(file, partial)
    os.replace(partial, target)


@dataclass(frozen=True)
class Inbox:
    """The inbox folder by names, sizes and times: cheap to take, for sensors."""

    digest: str
    files: int
    newest: float


def inbox_fingerprint(lake: Lake, uc: UseCase, look: Callable[[Path], Listing] = listing_of) -> Inbox:
    """`look`: how the folder is listed; sensors pass a watch that remembers."""
    listing = look(inbox_folder(lake, uc))
    stones = read_tombstones(lake.store, uc.name)  # an erasure is brought in like a changed file
    state = [listing.files, listing.digest]
    return Inbox(digest_of([state, stones.digest] if stones.digest else state), listing.files, listing.newest)


def note_inbox(lake: Lake, uc: UseCase, name: str, digest: str) -> None:
    """Remember which state of the inbox went through an asset: `documents` notes it first, the index last."""
    known = lake.notes.get(uc.name, f"inbox_{name}")
    if known is None or known["digest"] != digest:  # the time is that of the first run that saw this state
        now = datetime.now(UTC).isoformat(timespec="seconds")
        lake.notes.put(uc.name, f"inbox_{name}", {"digest": digest, "at": now})


def read_inbox(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """The inbox state that `documents` read last: {digest, at}, or None."""
    return lake.notes.get(uc.name, "inbox_read")


def indexed_inbox(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """The inbox state the index was built from: {digest, at}, or None before the first index."""
    return lake.notes.get(uc.name, "inbox_indexed")
