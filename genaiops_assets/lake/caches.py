"""What is made once and kept in a home's cache: whole, as it was made, or made again.

Belongs here: that one way of making it, and the digest list that each carries. A list lies in the cache too, so whoever
changes a file can change its list: every artifact's provenance notes the digests of the lists, and `verify` compares.
Does not belong here: copies of what lies elsewhere (`remote.py`), anything published."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from genaiops_assets.lake.canonical import digest_of, digest_of_file, write_json

LIST = ".digests.json"
log = logging.getLogger(__name__)


def made_once(target: Path, make: Callable[[Path], Any]) -> Path:
    """`target`, a file or folder, made by `make` beside it and moved there in one step, unless it is there with every
    byte as it was made. Several may try at once: one is kept."""
    if is_as_made(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{uuid4().hex[:8]}.{target.name}")
    try:
        make(partial)
        write_json(list_of(partial), digests_in(partial))
        if not is_as_made(target):  # else another worker was faster
            take_the_place(partial, target)
    finally:
        remove(partial)
    return target


def take_the_place(partial: Path, target: Path) -> None:
    if target.exists() or target.is_symlink():
        log.warning("%s: not as it was made, or made by an earlier version; made again", target)
        remove(target)
    try:
        if partial.is_file():
            os.replace(list_of(partial), list_of(target))
        os.replace(partial, target)
    except OSError:
        if not is_as_made(target):
            raise


def remove(path: Path) -> None:
    """A file with its list, or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    path.unlink(missing_ok=True)
    list_of(path).unlink(missing_ok=True)


def list_of(target: Path) -> Path:
    """A folder holds its list; that of a file lies beside it."""
    return target / LIST if target.is_dir() else target.with_name(f"{target.name}{LIST}")


def digests_in(target: Path) -> dict[str, str]:
    """Relative path → SHA-256. Raises ValueError on a link: its target can change unseen."""
    files = [p for p in target.rglob("*") if not p.is_dir() or p.is_symlink()] if target.is_dir() else [target]
    found = {}
    for p in files:
        if p.is_symlink():
            raise ValueError(f"{p} is a link")
        if p.name != LIST:
            found[p.relative_to(target).as_posix() if p != target else p.name] = digest_of_file(p)
    return found


def is_as_made(target: Path) -> bool:
    """Whether it is there, carries a list, and each file is the one that is listed."""
    if target.is_symlink() or not target.exists():
        return False
    try:
        listed, found = json.loads(list_of(target).read_text()), digests_in(target)
    except (OSError, ValueError):
        return False
    return sorted(listed.values()) == sorted(found.values()) if target.is_file() else listed == found


def noted_caches(cache: Path) -> dict[str, str]:
    """Path in the cache → digest of its list, for provenance."""
    return {name: digest_of(content) for name, content in _lists(cache)}


def _lists(cache: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted([*cache.glob(f"*/*/{LIST}"), *cache.glob(f"*/*{LIST}")]):
        if (path.is_file() and not path.name.startswith(".")) or path.name == LIST:
            try:
                yield path.relative_to(cache).as_posix(), json.loads(path.read_text())
            except (OSError, ValueError):
                yield path.relative_to(cache).as_posix(), None


def cache_problems(cache: Path, noted: Iterable[dict[str, str]]) -> list[str]:
    """Lists that differ from all that provenance records noted of them, and files that differ from their list."""
    known: dict[str, set[str]] = {}
    for record in noted:
        for name, digest in record.items():
            known.setdefault(name, set()).add(digest)
    found = []
    for name, content in _lists(cache):
        place = name.removesuffix(f"/{LIST}").removesuffix(LIST)
        if name in known and digest_of(content) not in known[name]:
            found.append(f"cache/{name}: not what provenance records noted; remove cache/{place}")
        elif not is_as_made(cache / place):
            found.append(f"cache/{place}: altered after it was made; remove it")
    return found
