"""A home, opened to be read.

Belongs here: finding it, its use cases and its ledger. Does not belong here: what one use case has (`use_case.py`)."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from genaiops_assets.errors import Missing, Unusable
from genaiops_assets.lake import ReadingLake
from genaiops_assets.orchestration.home import find_home, find_lake_url
from genaiops_assets.use_case import BrokenUseCase, UseCase, discover
from genaiops_assets.workbench.names import one_of
from genaiops_assets.workbench.use_case import UseCaseView

if TYPE_CHECKING:
    import polars as pl


def open_home(home: str | Path | None = None, *, lake_url: str | None = None) -> Home:
    """A home for notebooks and scripts. `home`: GENAIOPS_HOME, or `.genaiops` beside the workspace, when left out;
    `lake_url`: the fsspec URL of a lake that lies elsewhere (GENAIOPS_LAKE_URL when left out). Nothing in it can be
    changed from here; what reading and scratch work need lies in a temporary folder, which goes with the object.
    Raises Missing where there is no home."""
    folder = Path(home).expanduser().absolute() if home is not None else find_home()
    if not folder.is_dir():
        raise Missing(f"there is no home at {folder}: set GENAIOPS_HOME, or make one with genaiops demo")
    return Home(folder, lake_url or find_lake_url())


class Home:
    """`with open_home() as home:` removes its scratch folder at the end; without `with` that happens when the object
    goes, or by `close()`."""

    def __init__(self, folder: Path, lake_url: str | None = None):
        self.folder = folder
        self._scratch = tempfile.TemporaryDirectory(prefix="genaiops_workbench_")
        self.lake = ReadingLake(folder, lake_url, Path(self._scratch.name))
        self._views: dict[str, UseCaseView] = {}

    def __repr__(self) -> str:
        return f"<home {self.folder}: {', '.join(self.use_cases) or 'no use case'}>"

    def __enter__(self) -> Home:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Remove the scratch folder, with everything that was trained in it."""
        self._scratch.cleanup()

    @cached_property
    def _found(self) -> dict[str, UseCase | BrokenUseCase]:
        return {found.name: found for found in discover(self.folder)}

    @property
    def use_cases(self) -> list[str]:
        """Names, in the order of the workspace's list."""
        return list(self._found)

    def use_case(self, name: str) -> UseCaseView:
        """One use case as its file is now. Raises Missing naming those there are, Unusable where its file does not
        load, with file, line and field."""
        found = self._found[one_of(name, self.use_cases, "use case")]
        if isinstance(found, BrokenUseCase):
            raise Unusable(found.error)
        return self._views.setdefault(name, UseCaseView(self.lake, found))

    def ledger(self, kind: str | None = None) -> pl.DataFrame:
        """Entries of the ledger, oldest first: seq, at, kind, actor, asset, digest, hash. `kind`: materialized,
        approval, release, …"""
        import polars as pl

        rows = [
            {
                "seq": entry.seq,
                "at": entry.at,
                "kind": entry.kind,
                "actor": entry.actor,
                "asset": str(entry.body.get("asset", "")),
                "digest": str(entry.body.get("digest", "")),
                "hash": entry.hash,
            }
            for entry in self.lake.ledger.entries(kind)
        ]
        return pl.DataFrame(
            rows,
            schema=dict.fromkeys(("at", "kind", "actor", "asset", "digest", "hash"), pl.String) | {"seq": pl.Int64},
        )
