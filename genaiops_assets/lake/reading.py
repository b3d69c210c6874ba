"""A lake that can only be read: what a notebook is given.

Belongs here: refusing every write, and a scratch folder for what reading needs beside the lake (leases, caches). Does
not belong here: what is read (`workbench`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from genaiops_assets.errors import Refused
from genaiops_assets.lake.caches import LIST
from genaiops_assets.lake.lake import Lake
from genaiops_assets.lake.store import Store

if TYPE_CHECKING:
    from genaiops_assets.lake.tables import Tables

READ_ONLY = "this lake was opened to be read: assets write it, in runs (genaiops run)"
HUB = "hub"  # copies of the hub's own, kept in its own form


class ReadOnlyStore(Store):
    """Every method that would change a byte raises Refused."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused(READ_ONLY)

    write = protect = create = remove = remove_folder = put_folder = _refuse


class ReadingLake(Lake):
    """The lake of a home, read-only. `scratch`: a folder of the reader's own, in which leases and caches lie; what the
    home's cache has already is borrowed from there. Writing raises Refused."""

    def __init__(self, home: Path, url: str | None, scratch: Path):
        super().__init__(scratch, url or str(home))
        store = ReadOnlyStore(self.url, cache=self.cache / "lake")
        for part in (self, self.artifacts, self.memo, self.heads, self.notes, self.ledger):
            part.store = store  # type: ignore[attr-defined]
        self.read_home = home

    @cached_property
    def tables(self) -> Tables:
        return reading_tables(self.tables_url)

    def borrow_caches(self) -> None:
        """Everything that the home made once (converted models, static vectors) or fetched, without a copy where the
        file system allows it. What is not there is made in the scratch folder, never in the home."""
        theirs = self.read_home / "cache"
        made = [path.parent for path in theirs.glob(f"*/*/{LIST}")] + [*theirs.glob(f"{HUB}/*")]
        for folder in made:
            target = self.cache / folder.relative_to(theirs)
            if folder.is_dir() and not target.exists():
                shutil.copytree(folder, target, symlinks=True, copy_function=link_or_copy)


def link_or_copy(source: str, target: str) -> str:
    """The same file under a second name; a copy where that cannot be (another disk)."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def reading_tables(url: str) -> Tables:
    from genaiops_assets.lake.tables import Tables  # brings Arrow and Polars

    class ReadingTables(Tables):
        @contextmanager
        def writing(self, name: str) -> Iterator[None]:
            raise Refused(READ_ONLY)
            yield

    return ReadingTables(url)
