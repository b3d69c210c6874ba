"""Copying local tables while others write them: which files, and in which order.

Belongs here: that order. Lance writes data, then the manifest of a version, then the file of a tag; a copy takes them
the other way round, so that whatever it took names only files that are there. Does not belong here: where a copy goes
(`operations`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genaiops_assets.lake.verify_tables import marks_of

TAGS, VERSIONS, HINT = "_refs", "_versions", "latest_version_hint.json"
CHOSEN = ("data", "_indices")  # of these, only what a version or a snapshot names


def table_folders(root: Path) -> list[Path]:
    """Folders of the Lance tables below `tables/`."""
    return sorted(path for path in root.glob("*.lance") if path.is_dir())


def files_to_copy(root: Path, folder: Path, named: set[str]) -> Iterator[Path]:
    """The files of one table in the order to copy them: tags, versions, then all that those versions read, and what is
    `named` (paths below `root`) by published snapshots. What a writer has begun since is left out."""
    yield from files_below(folder / TAGS)
    versions = sorted((folder / VERSIONS).glob("*.manifest"))
    manifests = [path.read_bytes() for path in versions]
    if (folder / VERSIONS / HINT).exists() and versions:
        yield folder / VERSIONS / HINT
    yield from versions
    for path in files_below(folder):
        place = path.relative_to(root)
        part = place.parts[1]
        if part in (TAGS, VERSIONS):
            continue
        if part not in CHOSEN or place.as_posix() in named or is_read(place, manifests):
            yield path


def is_read(place: Path, manifests: list[bytes]) -> bool:
    """Whether one of the manifests refers to a file."""
    return any(mark in manifest for mark in marks_of(place) for manifest in manifests)


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
