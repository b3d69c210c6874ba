"""Stages: what each segment of a recipe made of each row, kept so that nothing is worked out twice. A cache: losing it costs time only.

Belongs here: Parquet parts below one folder a segment, written whole or not at all, read by (document id, content key). Does not belong here:
what a segment does. Erasure rewrites these parts like any other copy of a text.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import polars as pl

SCHEMA = {
    "id": pl.String,
    "key": pl.String,  # digest of all the segment may have seen of the document
    "step": pl.Int64,  # place of the operator that rejected the row, -1 when it is alive
    "statistic": pl.String,
    "value": pl.Float64,
    "text": pl.String,  # after the segment; null in segments that change no text
    "text_hash": pl.String,  # SHA-256 of it; null where the text is the document's own
    "dedup": pl.Binary,
}
MANY_PARTS = 64


class Stage:
    """One segment's results."""

    def __init__(self, folder: Path):
        self.folder = folder

    def parts(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.parquet"))

    def new_part(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"part-{uuid.uuid4().hex}.parquet"

    def scan(self) -> pl.LazyFrame:
        found = self.parts()
        return pl.scan_parquet(found) if found else pl.LazyFrame(schema=SCHEMA)

    def results(self, columns: list[str]) -> pl.DataFrame:
        """All rows with the columns asked for, (id, key) once."""
        return self.scan().select("id", "key", *columns).collect().unique(["id", "key"], keep="any")

    def texts(self, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """(id, key, text) of the wanted (id, key), part by part. Parts without one of them are not read."""
        for part in self.parts():
            there = pl.scan_parquet(part).select("id", "key").collect().join(wanted.select("id", "key"), on=["id", "key"], how="semi")
            if len(there):
                yield pl.read_parquet(part, columns=["id", "key", "text"]).join(there.unique(), on=["id", "key"], how="semi")

    def compact(self, alive: pl.DataFrame) -> None:
        """Many small parts, or parts mostly of rows nobody needs any more, become one a thousand rows; a kill leaves old or new ones."""
        old = self.parts()
        if len(old) <= MANY_PARTS:
            return
        rows = self.scan().select(pl.len()).collect().item()
        if rows < 2 * len(alive) and rows > len(old) * 512:
            return
        for group in range(0, len(old), MANY_PARTS):
            some = old[group : group + MANY_PARTS]
            kept = pl.scan_parquet(some).collect().join(alive, on=["id", "key"], how="semi")
            write_part(kept, self.new_part())
            for part in some:
                part.unlink()


def write_part(frame: pl.DataFrame, part: Path) -> None:
    """In one step: a part is there whole, or not at all."""
    partial = part.with_name(f".{part.name}.partial")
    frame.write_parquet(partial, compression="lz4")
    os.replace(partial, part)


class Stages:
    """The stages of one use case. `keep`: those of the present plan; others are dropped after a run."""

    def __init__(self, folder: Path):
        self.folder = folder

    def of(self, digest: str) -> Stage:
        return Stage(self.folder / digest[:24])

    def drop_others(self, digests: list[str]) -> None:
        keep = {d[:24] for d in digests}
        for other in self.folder.iterdir() if self.folder.is_dir() else []:
            if other.name not in keep:
                shutil.rmtree(other, ignore_errors=True)
