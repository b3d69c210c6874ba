"""Stages: what each segment of a recipe made of each row, kept so that nothing is worked out twice. A cache: losing it
costs time only.

Belongs here: Parquet parts below one folder a segment, written whole or not at all, read by (document id, content
key). Does not belong here: what a segment does. Erasure rewrites these parts like any other copy of a text."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.deduplicators import key_words
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import digest_of_text

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


class Chosen:
    """Rows (id, key) to be found again in many frames: their hashes are sorted once, so that a small frame costs
    little however many there are. A collision of 64-bit hashes (below 1e-6 for a million rows) would be seen as the
    same row."""

    def __init__(self, rows: pl.DataFrame):
        hashes = hashes_of(rows)
        self.count = len(hashes)
        self._order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._order]

    def places(self, frame: pl.DataFrame) -> np.ndarray:
        """For each row of the frame its number among the chosen ones, -1 where it is none of them."""
        hashes = hashes_of(frame)
        if not self.count:
            return np.full(len(hashes), -1)
        at = np.minimum(np.searchsorted(self._hashes, hashes), self.count - 1)
        return np.where(self._hashes[at] == hashes, self._order[at], -1)

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame's rows that are chosen."""
        there = self.places(frame) >= 0
        return frame if there.all() else frame.filter(pl.Series(there))


def hashes_of(rows: pl.DataFrame) -> np.ndarray:
    return rows.select("id", "key").hash_rows(seed=0).to_numpy()


class Stage:
    """One segment's results. `rows` of its methods: those of the state, in its order, the same in all calls."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._groups: list[tuple[list[Path], np.ndarray]] = []

    def parts(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.parquet"))

    def new_part(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"part-{uuid.uuid4().hex}.parquet"

    def knows(self, rows: Chosen) -> np.ndarray:
        """For each chosen row whether there is a result."""
        known = np.zeros(rows.count, dtype=bool)
        for _, places in self._grouped(rows):
            known[places[places >= 0]] = True
        return known

    def _grouped(self, rows: Chosen) -> list[tuple[list[Path], np.ndarray]]:
        """All parts, some read together, with the places of their rows. A part never changes: it is looked at once."""
        looked_at = {part for parts, _ in self._groups for part in parts}
        fresh = [part for part in self.parts() if part not in looked_at]
        for start in range(0, len(fresh), MANY_PARTS):
            some = fresh[start : start + MANY_PARTS]
            self._groups.append((some, rows.places(pl.read_parquet(some, columns=["id", "key"]))))
        return self._groups

    def results(self, rows: Chosen, columns: list[str]) -> pl.DataFrame:
        """These columns of the chosen rows, in their order; null where there is no result."""
        frames, places = [pl.DataFrame(schema={c: SCHEMA[c] for c in columns})], [np.zeros(0, dtype=np.int64)]
        for parts, place in self._grouped(rows):
            frames.append(pl.read_parquet(parts, columns=columns).filter(pl.Series(place >= 0)))
            places.append(place[place >= 0])
        found, at = pl.concat(frames), np.full(rows.count, -1, dtype=np.int64)
        at[np.concatenate(places)] = np.arange(len(found))
        where = pl.Series(at).replace(-1, None)
        aligned = []
        while found.width:  # one column after the other: two copies of all would be too much memory
            aligned.append(found.to_series(0).gather(where))
            found = found.drop(found.columns[0])
        return pl.DataFrame(aligned)

    def keys(self, rows: Chosen, alive: np.ndarray) -> np.ndarray:
        """The deduplicator's keys of the chosen rows that are alive, in their order: (rows alive, words)."""
        place_alive = np.cumsum(alive) - 1
        found = np.zeros((0, 1), dtype=np.uint64)
        for parts, places in self._grouped(rows):
            keys = pl.read_parquet(parts, columns=["dedup"]).to_series()
            there = (places >= 0) & keys.is_not_null().to_numpy()
            there[there] = alive[places[there]]
            words = key_words(keys.filter(pl.Series(there)))
            if len(words):
                found = found if len(found) else np.zeros((int(alive.sum()), words.shape[1]), dtype=np.uint64)
                found[place_alive[places[there]]] = words
        return found

    def texts(self, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """(id, key, text) of the wanted (id, key), part by part, each once. Parts without one of them are not read."""
        rows, every = Chosen(wanted), self.parts()
        given = np.zeros(rows.count, dtype=bool)
        for start in range(0, len(every), MANY_PARTS):
            there = (
                pl.scan_parquet(every[start : start + MANY_PARTS], include_file_paths="part")
                .select("id", "key", "part")
                .collect()
            )
            for part in rows.of(there)["part"].unique(maintain_order=True):
                frame = pl.read_parquet(part, columns=["id", "key", "text", "text_hash"])
                places = rows.places(frame)
                fresh = places >= 0
                fresh[fresh] = ~given[places[fresh]]
                given[places[fresh]] = True
                chosen = frame.filter(pl.Series(fresh))
                refuse_changed_texts(part, chosen)
                yield chosen.drop("text_hash")

    def compact(self, alive: pl.DataFrame) -> None:
        """Many small parts, or parts mostly of rows nobody needs any more, become one a thousand rows; a kill leaves
        old or new ones."""
        old = self.parts()
        if len(old) <= MANY_PARTS:
            return
        rows = pl.scan_parquet(old).select(pl.len()).collect().item()
        if rows < 2 * len(alive) and rows > len(old) * 512:
            return
        rows_alive = Chosen(alive)
        for group in range(0, len(old), MANY_PARTS):
            some = old[group : group + MANY_PARTS]
            kept = rows_alive.of(pl.read_parquet(some)).unique(
                ["id", "key"], keep="any", maintain_order=True
            )  # a cut-off compaction left two
            write_part(kept, self.new_part())
            for part in some:
                part.unlink()


def refuse_changed_texts(part: str, rows: pl.DataFrame) -> None:
    """A cache is believed only as far as its texts are those whose hashes the row ledger got. Raises PayloadError."""
    for row in rows.filter(pl.col("text").is_not_null() & pl.col("text_hash").is_not_null()).iter_rows(named=True):
        if digest_of_text(row["text"]) != row["text_hash"]:
            raise PayloadError(
                f"{part}: the text of {row['id']} is not the one that was stored; somebody changed this cache: remove "
                f"the folder {Path(part).parent} and materialize filtered_corpus again"
            )


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
