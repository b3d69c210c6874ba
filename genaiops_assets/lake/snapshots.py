"""Snapshots: a tagged version of a table, by digest, and the files it rests on.

Belongs here: naming a version, listing and pinning its files. Does not belong here: writing rows (`tables.py`), or
saying what is wrong with them (`verify_tables.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from genaiops_assets.lake.canonical import digest_of_file
from genaiops_assets.lake.names import refuse_unsafe_asset

BOOKKEEPING = {"_versions", "_transactions", "_refs"}


@dataclass(frozen=True)
class Snapshot:
    """One tagged version of a table; `label` tells apart versions with the same rows that are indexed differently.
    `files`: [{path, sha256, bytes}] of data and indexes; `pins`: what else decides what is read, see `pins_of`. Both
    are empty where the table lies elsewhere, `pins` also in snapshots of earlier versions."""

    name: str
    version: int
    digest: str
    rows: int
    files: list[dict[str, Any]] = field(default_factory=list, compare=False)
    label: str = ""
    pins: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def tag(self) -> str:
        return tag_of(self.digest, self.label)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """What one `sync` did to a table."""

    snapshot: Snapshot
    added: int
    changed: int
    removed: int


def tag_of(digest: str, label: str = "") -> str:
    return f"d-{digest[:12]}-{label}" if label else f"d-{digest[:12]}"


def names_rows(tag: str, digest: str) -> bool:
    """Whether a tag, whatever its label, is one of the rows with this digest."""
    rows = tag_of(digest)
    return tag == rows or tag.startswith(f"{rows}-")


def physical(name: str) -> str:
    """The name of the Lance table. Raises UnsafeName."""
    return refuse_unsafe_asset(name, "table").replace("/", "__")


def files_of(root: Path, name: str, known: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Path, hash and size of a table's data and index files. Lance never writes into a file again, so one that is
    `known` by path with the same size is not read again."""
    found = []
    for path in file_paths(root, name):
        place, size = path.relative_to(root).as_posix(), path.stat().st_size
        same = known.get(place, {}).get("bytes") == size
        found.append(known[place] if same else {"path": place, "sha256": digest_of_file(path), "bytes": size})
    return found


def file_paths(root: Path, name: str) -> Iterator[Path]:
    """Data and index files of a local table, in the order of their path."""
    folder = root / f"{physical(name)}.lance"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).parts[0] not in BOOKKEEPING:
            yield path


def pins_of(root: Path, name: str, tag: str, version: int) -> dict[str, Any]:
    """What ties a tag of a local table to its files: {tag_file, version_file}, each a hash, None where it is missing.
    Lance's manifest of a version names its data files, columns and indexes; the file of a tag names the version."""
    folder = root / f"{physical(name)}.lance"
    return {
        "tag_file": hash_of_any(folder / "_refs" / "tags" / f"{tag}.json"),
        "version_file": hash_of_any(*(folder / "_versions" / f"{n}.manifest" for n in version_names(version))),
    }


def version_names(version: int) -> tuple[str, str]:
    """As Lance names a version's manifest: counted down from the largest number, so that the newest is listed first;
    plainly in tables of its earlier versions."""
    return f"{2**64 - 1 - version:020d}", str(version)


def hash_of_any(*paths: Path) -> str | None:
    return next((digest_of_file(p) for p in paths if p.is_file()), None)


def manifests_of(root: Path, name: str) -> list[bytes]:
    """The manifests of all versions of a local table."""
    return [p.read_bytes() for p in sorted((root / f"{physical(name)}.lance" / "_versions").glob("*.manifest"))]
