"""The engine: all documents through a plan, segment by segment; only rows that no stage knows are worked on; every row
ends once.

Belongs here: which rows need work, who is a duplicate of whom, and the state of all rows at the end. Does not belong
here: the work on batches (`workers.py`), what an operator does (`operators`), where results are kept (`stages.py`),
the tables written from the state (`filtering.py`). Memory: a few hundred bytes a row for ids, hashes and keys, and a
bounded number of batches of text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.deduplicators import BANDED, who_stays
from genaiops_assets.corpus.plan import Segment
from genaiops_assets.corpus.recipe import Operator
from genaiops_assets.corpus.stages import Chosen, Stage, Stages
from genaiops_assets.corpus.workers import Clock, Progress, Workers, batched


class Documents(Protocol):
    """All documents of a run. `rows`: (id, key, first_seen) in order of precedence; `texts`: (id, key, text, …) of the
    wanted (id, key) in any order."""

    @property
    def rows(self) -> pl.DataFrame: ...

    def texts(self, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]: ...


@dataclass
class Walked:
    """The state of all rows: id, key, first_seen, outcome ("" for those that stay), step, statistic, value,
    duplicate_of, text_hash (null where the text is the document's own). `worked`: rows that any segment worked on."""

    rows: pl.DataFrame
    worked: int
    clock: Clock


def walk(
    documents: Documents,
    segments: list[Segment],
    stages: Stages,
    *,
    cpus: int,
    batch_rows: int,
    begin: Callable[[], None] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Walked:
    """Take all documents through the segments. A kill at any moment leaves whole parts; the next walk goes on from
    them. `begin`: what a worker process calls first."""
    state = documents.rows.with_columns(
        outcome=pl.lit(""),
        step=pl.lit(-1, dtype=pl.Int64),
        statistic=pl.lit(""),
        value=pl.lit(None, dtype=pl.Float64),
        duplicate_of=pl.lit(""),
        text_hash=pl.lit(None, dtype=pl.String),
    )
    rows = Chosen(state)
    worked = np.zeros(len(state), dtype=bool)
    clock = Clock()
    with Workers(cpus, begin) as workers:
        for segment in segments:
            stage = stages.of(segment.digest)
            alive = alive_in(state)
            new = alive & ~stage.knows(rows)
            if new.any():
                todo = state.select("id", "key").filter(pl.Series(new))
                texts = texts_after(documents, segments[: segment.number], stages, todo)
                clock.add(workers.work(segment, stage, batched(texts, batch_rows), len(todo), progress))
                worked |= new
            if segment is segments[-1]:
                workers.rest()
            state = after_segment(state, stage, rows, segment, clock)
            stage.compact(state.select("id", "key").filter(pl.Series(alive)))
    return Walked(state, int(worked.sum()), clock)


def alive_in(state: pl.DataFrame) -> np.ndarray:
    return (state["outcome"] == "").to_numpy()


def texts_after(
    documents: Documents, done: list[Segment], stages: Stages, wanted: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """The wanted texts as these segments leave them: of the last one that changes any, or the documents' own."""
    changed = last_text_change(done)
    return documents.texts(wanted) if changed is None else stages.of(changed.digest).texts(wanted)


def last_text_change(segments: list[Segment]) -> Segment | None:
    return next((s for s in reversed(segments) if s.changes_text), None)


def after_segment(state: pl.DataFrame, stage: Stage, rows: Chosen, segment: Segment, clock: Clock) -> pl.DataFrame:
    """The state once a segment's results, and its deduplicator's decision, are in. `rows`: those of the state."""
    columns = ["step", "statistic", "value", *(["text_hash"] if segment.changes_text else [])]
    found = state.hstack(stage.results(rows, columns).rename(lambda name: f"{name}_new"))
    here = (pl.col("outcome") == "") & pl.col("step_new").is_not_null()
    rejected = here & (pl.col("step_new") >= 0)
    state = found.with_columns(
        outcome=pl.when(rejected).then(pl.lit("rejected")).otherwise(pl.col("outcome")),
        step=pl.when(rejected).then(pl.col("step_new")).otherwise(pl.col("step")),
        statistic=pl.when(rejected).then(pl.col("statistic_new")).otherwise(pl.col("statistic")),
        value=pl.when(rejected).then(pl.col("value_new")).otherwise(pl.col("value")),
        text_hash=pl.when(here).then(pl.col("text_hash_new")).otherwise(pl.col("text_hash"))
        if segment.changes_text
        else "text_hash",
    )
    state = state.select(
        "id", "key", "first_seen", "outcome", "step", "statistic", "value", "duplicate_of", "text_hash"
    )
    if segment.deduplicator:
        began = time.perf_counter()
        state = without_duplicates(state, stage.keys(rows, alive_in(state)), segment.deduplicator)
        clock.seconds[segment.deduplicator[0]] += time.perf_counter() - began  # type: ignore[assignment]
    return state


def without_duplicates(state: pl.DataFrame, keys: np.ndarray, deduplicator: tuple[int, Operator]) -> pl.DataFrame:
    """`keys`: of the rows alive, in their order."""
    place, operator = deduplicator
    banded = operator.name == BANDED
    places = np.flatnonzero(alive_in(state))
    found = who_stays(keys, banded=banded)
    moved = np.flatnonzero(found.original != np.arange(len(places)))
    ids = state["id"]
    gone = pl.DataFrame(
        {
            "place": places[moved].astype(np.uint32),
            "duplicate_of_new": ids.gather(places[found.original[moved]]),
            "shared": found.shared[moved].astype(np.float64),
        }
    )
    joined = state.with_row_index("place").join(gone, on="place", how="left", maintain_order="left")
    is_gone = pl.col("duplicate_of_new").is_not_null()
    return joined.with_columns(
        outcome=pl.when(is_gone).then(pl.lit("duplicate")).otherwise(pl.col("outcome")),
        step=pl.when(is_gone).then(pl.lit(place, dtype=pl.Int64)).otherwise(pl.col("step")),
        statistic=pl.when(is_gone)
        .then(pl.lit("shared_bands" if banded else "equal_key"))
        .otherwise(pl.col("statistic")),
        value=pl.when(is_gone).then(pl.col("shared")).otherwise(pl.col("value")),
        duplicate_of=pl.when(is_gone).then(pl.col("duplicate_of_new")).otherwise(pl.col("duplicate_of")),
    ).select(state.columns)
