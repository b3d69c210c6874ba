"""Verify, tables: each snapshot rests on the very files, indexes, version and tag it was published with, and nothing
else lies beside them.

Belongs here: what is wrong with tables. Does not belong here: artifacts and ledger (`verify.py`)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from genaiops_assets.errors import NotMaterialized
from genaiops_assets.lake.canonical import digest_of, digest_of_file
from genaiops_assets.lake.erasure_proofs import Accepted
from genaiops_assets.lake.snapshots import Snapshot, file_paths, manifests_of, physical, pins_of, version_names

if TYPE_CHECKING:
    from genaiops_assets.lake.lake import Lake

VERSION_FILE = re.compile(r"\d+\.manifest|latest_version_hint\.json|\..+|.+\.tmp.*")
YOUNG = 600.0  # seconds; a table being written has files that its snapshot will name
PARTS = {
    "tag_file": "the file of its tag",
    "version_file": "Lance's manifest of its version",
    "derived": "the columns that follow from others",
}


def snapshot_problems(lake: Lake, snapshot: Snapshot, erasures: Accepted, hashes: dict[Path, str]) -> list[str]:
    """Files first (they name the file), then what ties the tag to them, then the rows themselves: those there are and
    those the ledger proves erased. `hashes`: of files that were read before, in the same look."""
    root, found = Path(lake.tables_url), []
    collected = erasures.collected.get(snapshot.name, set())
    for file in erasures.as_it_is_now(snapshot):
        path = root / file["path"]
        if path.is_symlink():
            found.append(f"tables/{file['path']}: a link in place of a file (snapshot {snapshot.name}@{snapshot.tag})")
        elif not path.exists() and file["path"] in collected:
            continue  # then the rows are read below: a version that needs the file cannot be
        elif not path.exists():
            found.append(f"tables/{file['path']}: missing (snapshot {snapshot.name}@{snapshot.tag})")
        elif hash_of(path, hashes) != file["sha256"]:
            found.append(f"tables/{file['path']}: altered after publication (snapshot {snapshot.name}@{snapshot.tag})")
    if found or is_told_by_its_bytes(root, snapshot, erasures):
        return found
    where = f"tables/{snapshot.name}@{snapshot.tag}"
    try:
        if changed := changed_pins(lake, snapshot, erasures):
            found.append(f"{where}: {' and '.join(changed)} changed after publication")
        if not erasures.is_as_left(snapshot, partial(lake.tables.digest, snapshot)):
            found.append(f"{where}: rows do not match the digest")
    except Exception as error:  # a damaged table can fail in many ways inside Lance; each is a finding, not a crash
        why = "its tag or table is gone" if isinstance(error, NotMaterialized) else type(error).__name__
        found.append(f"{where}: cannot be read ({why})")
    return found


def is_told_by_its_bytes(root: Path, snapshot: Snapshot, erasures: Accepted) -> bool:
    """Whether tag and version manifest are byte for byte as published, as the data files are: then rows, columns and
    indexes are too, since Lance reads nothing else, and need not be read (loading Lance is most of a look at a small
    home). What an erasure rewrote, and what has no pins, is read."""
    if not snapshot.pins or snapshot.name in erasures.files or (snapshot.name, snapshot.digest) in erasures.rows:
        return False
    if not erasures.collected.get(snapshot.name, set()).isdisjoint(f["path"] for f in snapshot.files):
        return False
    if set(snapshot.pins) != {"tag_file", "version_file"} or None in snapshot.pins.values():
        return False
    versions = root / f"{physical(snapshot.name)}.lance" / "_versions"
    if sum((versions / f"{name}.manifest").exists() for name in version_names(snapshot.version)) != 1:
        return False  # under two names: which one Lance reads is not ours to say
    return pins_of(root, snapshot.name, snapshot.tag, snapshot.version) == snapshot.pins


def hash_of(path: Path, hashes: dict[Path, str]) -> str:
    if path not in hashes:
        hashes[path] = digest_of_file(path)
    return hashes[path]


def changed_pins(lake: Lake, snapshot: Snapshot, erasures: Accepted) -> list[str]:
    """Which of the things that tie a tag to its files are neither as published nor as an erasure left them, in words.
    A snapshot of an earlier version has none: nothing is said about it."""
    if not snapshot.pins:
        return []
    now = lake.tables.pins(snapshot.name, snapshot.tag)
    allowed = [snapshot.pins, *erasures.pins.get((snapshot.name, snapshot.tag), [])]
    if now in allowed:
        return []
    last = allowed[-1]
    return [PARTS[part] for part in sorted({*now, *last}) if now.get(part) != last.get(part)]


def stray_files(lake: Lake, snapshots: Iterable[Snapshot], erasures: Accepted) -> list[str]:
    """Files of local tables that no snapshot names and no version of the table refers to. Index files count only where
    a snapshot of the table names its indexes (those of earlier versions did not). What a run that was cut off wrote
    and committed is read by nobody and is no finding: the next run of that table goes on from there."""
    if "://" in lake.tables_url:
        return []
    named: dict[str, set[str]] = {}
    with_indexes: set[str] = set()
    for s in snapshots:
        named.setdefault(s.name, set()).update(f["path"] for f in s.files)
        if s.pins:
            with_indexes.add(s.name)
    for name, files in erasures.files.items():
        named.setdefault(name, set()).update(f["path"] for f in files)
    root, found = Path(lake.tables_url), []
    for name, known in sorted(named.items()):
        manifests = None
        for path in file_paths(root, name):
            place = path.relative_to(root)
            if place.as_posix() in known or place.parts[1] == "_deletions" or 0 <= age(path) < YOUNG:
                continue
            if place.parts[1] == "_indices" and name not in with_indexes:
                continue
            manifests = manifests_of(root, name) if manifests is None else manifests
            if not any(mark in manifest for mark in marks_of(place) for manifest in manifests):
                found.append(f"tables/{place.as_posix()}: no snapshot names it, and nothing reads it; remove it")
        found += [f"tables/{odd}: Lance calls nothing so; remove it" for odd in odd_versions(root, name)]
    return found


def odd_versions(root: Path, name: str) -> list[str]:
    """Files among a table's versions that are no manifest of a version, what a kill left of one being written aside."""
    there = sorted((root / f"{physical(name)}.lance" / "_versions").glob("*"))
    odd = [p for p in there if not VERSION_FILE.fullmatch(p.name) and not 0 <= age(p) < YOUNG]
    return [p.relative_to(root).as_posix() for p in odd]


def age(path: Path) -> float:
    return time.time() - path.lstat().st_mtime


def marks_of(place: Path) -> list[bytes]:
    """How a manifest refers to a file: a data file by its name, an index by the bytes of its id."""
    if place.parts[1] != "_indices":
        return [place.name.encode()]
    try:
        return [UUID(place.parts[2]).bytes]
    except ValueError:
        return []


def unpinned(snapshots: Iterable[Snapshot]) -> int:
    """Snapshots of earlier versions, of which only rows and data files can be checked."""
    return sum(1 for s in snapshots if not s.pins and s.files)


def told_once(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Each snapshot once: several artifacts may name one, with other files each."""
    return list({digest_of(s.to_dict()): s for s in snapshots}.values())
