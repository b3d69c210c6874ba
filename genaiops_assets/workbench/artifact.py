"""One published output, as a notebook looks at it.

Belongs here: its figures, files and snapshots. Does not belong here: finding it (`use_case.py`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.workbench.names import one_of

if TYPE_CHECKING:
    import polars as pl


class ArtifactView:
    """`figures`: numbers and short texts of its summary; `tables`: the tables of its summary, which are previews;
    `table(name)`: a whole table snapshot it stands for."""

    def __init__(self, lake: Lake, artifact: Artifact):
        self._lake, self._artifact = lake, artifact

    def __repr__(self) -> str:
        return f"<{self.asset}@{self.digest[:12]}: {', '.join([*self.files, *self.snapshots]) or 'no file'}>"

    @property
    def asset(self) -> str:
        """`use_case/asset`."""
        return self._artifact.asset

    @property
    def digest(self) -> str:
        return self._artifact.digest

    @property
    def figures(self) -> dict[str, Any]:
        return dict(self._artifact.summary.get("figures", {}))

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The short tables that the UI shows."""
        import polars as pl

        found = self._artifact.summary.get("tables", {})
        return {
            name: pl.DataFrame(rows, infer_schema_length=None, strict=False) for name, rows in found.items() if rows
        }

    @property
    def files(self) -> list[str]:
        """Names of its files."""
        return sorted(f["path"] for f in self._artifact.manifest["files"])

    @property
    def snapshots(self) -> dict[str, int]:
        """Table → rows."""
        return {name.partition("/")[2]: s.rows for name, s in self._artifact.snapshots.items()}

    @property
    def provenance(self) -> dict[str, Any]:
        """How it came to be: inputs, configuration, code version, seed, libraries, hardware, seconds."""
        return self._artifact.provenance()

    def bytes(self, file: str) -> bytes:
        """One of its files. Raises Missing naming those there are."""
        wanted = one_of(file, self.files, "file", self.asset)
        return self._artifact.store.read(f"{self._artifact.key}/{wanted}")

    def text(self, file: str) -> str:
        return self.bytes(file).decode("utf-8")

    def json(self, file: str | None = None) -> Any:
        """A JSON file; its only one when no name is given. Raises Missing."""
        stored = [name for name in self.files if name.endswith(".json")]
        return json.loads(self.bytes(file or (stored[0] if len(stored) == 1 else "")))

    def table(self, name: str, *, columns: list[str] | None = None, where: str | None = None) -> pl.DataFrame:
        """A table as it was when this output was made, sorted by id. `where`: a condition in SQL, as
        `language = 'zh'`. Raises Missing naming the tables it stands for."""
        import polars as pl

        one_of(name, list(self.snapshots), "table", self.asset)
        snapshot = self._artifact.snapshot(f"{self.asset.partition('/')[0]}/{name}")
        known = list(self._lake.tables.at(snapshot).schema.names)
        for column in columns or ():
            one_of(column, known, "column", name)
        found = pl.from_arrow(self._lake.tables.read(snapshot, columns, where))
        assert isinstance(found, pl.DataFrame)
        return found
