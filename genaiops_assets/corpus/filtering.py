"""Filtering: from the documents of a snapshot and the state of all rows after a walk to the rows of two tables, and
only those that changed.

Belongs here: documents as the engine reads them, the row ledger and the filtered corpus as frames, and their
difference to the last run. Does not belong here: the walk (`engine.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
import pyarrow as pa

from genaiops_assets.corpus.engine import Walked
from genaiops_assets.corpus.operators.own import titles_after
from genaiops_assets.corpus.recipe import SUFFIX, Operator
from genaiops_assets.corpus.schemas import FILTERED, ROW_LEDGER
from genaiops_assets.corpus.stages import Chosen
from genaiops_assets.lake import RowWriter, Snapshot, Tables, digest_of, in_list

ABOUT = ("id", "source", "title", "language", "license", "first_seen", "text_hash")
PASSED = ("kept", "changed")
FEW = 5_000  # rows; a longer list of ids costs more than reading on
WIDE = 65_536  # rows without texts that are read at once


class SnapshotDocuments:
    """`engine.Documents` on one snapshot of the documents table. `with_fields`: operators see all columns, so the key
    covers them too."""

    def __init__(self, tables: Tables, snapshot: Snapshot, *, with_fields: bool):
        self._tables, self._snapshot, self._with_fields = tables, snapshot, with_fields

    @cached_property
    def about(self) -> pl.DataFrame:
        """All columns of the filtered corpus but the text, in order of precedence: first_seen, then id."""
        columns = [*ABOUT, *(["origin", "owner", "rights_basis", "personal_data"] if self._with_fields else [])]
        frames = [pl.DataFrame(pl.from_arrow(b)) for b in self._tables.batches(self._snapshot, columns, size=WIDE)]
        schema = {c: pl.Int64 if c == "first_seen" else pl.String for c in columns}
        found = pl.concat(frames).select(columns) if frames else pl.DataFrame(schema=schema)
        return found.sort("first_seen", "id")

    @cached_property
    def rows(self) -> pl.DataFrame:
        return self._keyed(self.about).select("id", "key", "first_seen")

    def texts(self, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """A few are asked for by id, many found while all are read; none without a look at the table."""
        if not len(wanted):
            return
        columns, rows = None if self._with_fields else ["id", "text_hash", "text"], Chosen(wanted)
        where = in_list("id", wanted["id"].to_list()) if len(wanted) < FEW else None
        for batch in self._tables.batches(self._snapshot, columns, where, size=512):
            frame = rows.of(self._keyed(pl.DataFrame(pl.from_arrow(batch))))
            if len(frame):
                yield frame if self._with_fields else frame.select("id", "key", "text")

    def _keyed(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not self._with_fields:
            return frame.with_columns(key=pl.col("text_hash"))
        frame = frame.with_columns(pl.Series(SUFFIX, [suffix_of(o) for o in frame["origin"]], dtype=pl.String))
        seen = sorted(c for c in frame.columns if c not in ("text", "row_hash"))
        return frame.with_columns(
            key=pl.Series([digest_of(row) for row in frame.select(seen).to_dicts()], dtype=pl.String)
        )


def suffix_of(origin: str) -> str:
    """The suffix of the file a document came from; `origin` is file:line."""
    return PurePosixPath(origin.rpartition(":")[0]).suffix


@dataclass(frozen=True)
class Outcome:
    """All rows as the ledger has them (but the quarantine), and which rows of the two tables differ from the last
    run."""

    ledger: pl.DataFrame
    about: pl.DataFrame
    operators: Sequence[Operator] = ()

    @cached_property
    def kept(self) -> pl.DataFrame:
        """The filtered corpus without its text, in the columns of `FILTERED`; titles under the policy for personal
        data."""
        passed = self.ledger["outcome"].is_in(PASSED)
        known = self.about.with_columns(text_hash=self.ledger["after_hash"]).filter(passed)
        known = known.with_columns(titles_after(known["title"], self.operators))
        return known.select("id", "source", "title", "text_hash", "language", "license", "first_seen")


def outcome_of(walked: Walked, about: pl.DataFrame, operators: Sequence[Operator]) -> Outcome:
    """Every row ends as exactly one of kept, changed, rejected or duplicate. `about`: row by row what the walk was
    about."""
    steps = pl.DataFrame(
        {
            "step": pl.Series(range(len(operators)), dtype=pl.Int64),
            "operator": pl.Series([o.name for o in operators], dtype=pl.String),
            "threshold": pl.Series([o.threshold for o in operators], dtype=pl.String),
        }
    )
    rows = walked.rows.rename({"text_hash": "made"}).hstack(about.select("source", "text_hash"))
    rows = rows.join(steps, on="step", how="left", maintain_order="left")
    stays = pl.col("outcome") == ""
    after = pl.coalesce("made", "text_hash")
    ledger = rows.select(
        "id",
        "source",
        pl.when(stays & (after == pl.col("text_hash")))
        .then(pl.lit("kept"))
        .when(stays)
        .then(pl.lit("changed"))
        .otherwise("outcome")
        .alias("outcome"),
        "step",
        pl.col("operator").fill_null(""),
        "statistic",
        "value",
        pl.col("threshold").fill_null(""),
        "duplicate_of",
        pl.col("text_hash").alias("before_hash"),
        pl.when(stays).then(after).otherwise(pl.lit("")).alias("after_hash"),
    )
    return Outcome(ledger, about, operators)


def quarantine_rows(quarantine: pl.DataFrame) -> pl.DataFrame:
    """Quarantined input in the columns of the ledger: the reason stands where others have a threshold."""
    blank = {
        "step": -1,
        "operator": "ingest",
        "statistic": "",
        "value": None,
        "duplicate_of": "",
        "before_hash": "",
        "after_hash": "",
    }
    columns = {
        name: pl.lit(value, dtype=pl.Float64 if name == "value" else pl.Int64 if name == "step" else pl.String)
        for name, value in blank.items()
    }
    return (
        quarantine.select("id", "source", threshold=pl.col("reason"), outcome=pl.lit("quarantined"))
        .with_columns(**columns)
        .select(ROW_LEDGER.names)
    )


def erased_rows(erased: pl.DataFrame) -> pl.DataFrame:
    """Documents that still stand in a source but were erased: they are counted, nothing else is kept of them."""
    as_quarantined = quarantine_rows(erased.select("id", "source", reason=pl.lit("erased on request")))
    return as_quarantined.with_columns(outcome=pl.lit("erased"))


@dataclass(frozen=True)
class Difference:
    """What turns the last state of a table into the new one."""

    upserts: pl.DataFrame
    removed: list[str]


def difference(new: pl.DataFrame, old: pl.DataFrame | None) -> Difference:
    """Rows of `new` that are not in `old` with the same values, and ids that are in `old` only."""
    if old is None:
        return Difference(new, [])
    old = old.select(new.columns)
    same = new.join(old, on=new.columns, how="semi", nulls_equal=True)
    return Difference(
        new.join(same.select("id"), on="id", how="anti"),
        old.join(new.select("id"), on="id", how="anti")["id"].to_list(),
    )


def read_frame(tables: Tables, snapshot: Snapshot | None, columns: list[str]) -> pl.DataFrame | None:
    if snapshot is None:
        return None
    frames = [pl.DataFrame(pl.from_arrow(b)) for b in tables.batches(snapshot, columns, size=WIDE)]
    return pl.concat(frames).select(columns) if frames else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def write_ledger(rows: pl.DataFrame, path: Path) -> int:
    with RowWriter(path, ROW_LEDGER) as writer:
        for frame in rows.iter_slices(8192):
            writer.write_table(table_of(frame, ROW_LEDGER))
        return writer.count


def write_filtered(wanted: pl.DataFrame, texts: Iterator[pl.DataFrame], path: Path) -> int:
    """Rows of the filtered corpus: what is known about each wanted row joined to its text, batch by batch. Raises
    ValueError when a text is missing: nothing is lost in silence."""
    rows = Chosen(wanted)
    with RowWriter(path, FILTERED) as writer:
        for frame in texts:
            found = wanted[rows.places(frame)].with_columns(frame["text"])
            writer.write_table(table_of(found, FILTERED))
        if writer.count != len(wanted):
            raise ValueError(f"{len(wanted) - writer.count} texts of the filtered corpus were not found in the stages")
        return writer.count


def table_of(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).to_arrow().cast(schema)


def operator_rows(walked: Walked, operators: Sequence[Operator]) -> list[dict[str, Any]]:
    """Rows in, rows out and seconds of each operator, as this run worked on them; duplicates leave at the deduplicator
    that found them."""
    clock = walked.clock
    gone = dict(walked.rows.filter(pl.col("outcome") == "duplicate").group_by("step").len().iter_rows())
    return [
        {
            "step": place + 1,
            "operator": o.name,
            "rows_in": clock.rows_in[place],
            "rows_out": clock.rows_out[place] - (gone.get(place, 0) if o.kind == "deduplicator" else 0),
            "seconds": round(clock.seconds[place], 3),
        }
        for place, o in enumerate(operators)
    ]
