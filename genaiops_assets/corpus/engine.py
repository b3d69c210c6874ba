"""The engine: all documents through a plan, segment by segment; only rows that no stage knows are worked on; every row
ends once.

Belongs here: which rows need work, the workers, who is a duplicate of whom, and the state of all rows at the end. Does
not belong here: what an operator does (`operators`), where results are kept (`stages.py`), the tables written from the
state (`filtering.py`). Memory: a few hundred bytes a row for ids, hashes and keys, and a bounded number of batches of
text."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.batch import Batch, Shared
from genaiops_assets.corpus.operators.deduplicators import BANDED, who_stays
from genaiops_assets.corpus.plan import CompiledSegment, Segment, compile_segment
from genaiops_assets.corpus.recipe import Operator
from genaiops_assets.corpus.stages import SCHEMA, Chosen, Stage, Stages, write_part
from genaiops_assets.lake import digest_of_text

BATCH_CHARACTERS = 8_000_000
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
ALONE = 2048  # fewer rows than this are not worth the start of workers
Progress = Callable[[str, int, int], None]


class Documents(Protocol):
    """All documents of a run. `rows`: (id, key, first_seen) in order of precedence; `texts`: (id, key, text, …) of the
    wanted (id, key) in any order."""

    @property
    def rows(self) -> pl.DataFrame: ...

    def texts(self, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]: ...


@dataclass
class Clock:
    """Rows in, rows out and seconds of each operator, by its place in the recipe; seconds are the workers' together."""

    rows_in: Counter[int] = field(default_factory=Counter)
    rows_out: Counter[int] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)

    def note(self, place: int, rows_in: int, rows_out: int, seconds: float) -> None:
        self.rows_in[place] += rows_in
        self.rows_out[place] += rows_out
        self.seconds[place] += seconds  # type: ignore[assignment]

    def add(self, other: Clock) -> None:
        for mine, theirs in (
            (self.rows_in, other.rows_in),
            (self.rows_out, other.rows_out),
            (self.seconds, other.seconds),
        ):
            mine.update(theirs)


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


def batched(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Frames of at most so many rows and about so many characters, small ones joined."""
    held: list[pl.DataFrame] = []
    count = size = 0
    for frame in frames:
        lengths = frame["text"].str.len_bytes().fill_null(0).to_numpy()
        for start, end in cuts(lengths, rows):
            piece, weight = frame.slice(start, end - start), int(lengths[start:end].sum())
            if held and (count + len(piece) > rows or size + weight > BATCH_CHARACTERS):
                yield pl.concat(held)
                held, count, size = [], 0, 0
            held.append(piece)
            count, size = count + len(piece), size + weight
    if held:
        yield pl.concat(held)


def cuts(lengths: np.ndarray, rows: int) -> Iterator[tuple[int, int]]:
    start = size = 0
    for place, length in enumerate(lengths):
        if place > start and (place - start >= rows or size + length > BATCH_CHARACTERS):
            yield start, place
            start, size = place, 0
        size += length
    if start < len(lengths):
        yield start, len(lengths)


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


class Workers:
    """As many processes as there are cores to use, started when there is enough to do; each compiles a segment once."""

    def __init__(self, cpus: int, begin: Callable[[], None] | None = None):
        self.cpus, self._begin = cpus, begin
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *exc: object) -> None:
        self.rest()

    def rest(self) -> None:
        """Nothing more is to do: their memory is given back."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def work(
        self, segment: Segment, stage: Stage, batches: Iterable[pl.DataFrame], rows: int, progress: Progress
    ) -> Clock:
        clock, done = Clock(), 0
        for made, count in self._each(segment, stage, batches, rows):
            clock.add(made)
            done += count
            progress(f"segment {segment.number + 1}: documents", done, rows)
        return clock

    def _each(
        self, segment: Segment, stage: Stage, batches: Iterable[pl.DataFrame], rows: int
    ) -> Iterator[tuple[Clock, int]]:
        if self.cpus < 2 or (rows < ALONE and self._pool is None):
            for batch in batches:
                yield work_on(segment, batch, stage.new_part()), len(batch)
            return
        if self._pool is None:
            self._pool = self._start()
        waiting: dict[Future[Clock], int] = {}
        for batch in batches:
            while len(waiting) >= 2 * self.cpus:
                yield from finished(waiting)
            waiting[self._pool.submit(work_on, segment, batch, stage.new_part())] = len(batch)
        while waiting:
            yield from finished(waiting)

    def _start(self) -> ProcessPoolExecutor:
        """Workers are born with one thread each: there is one a core, and their libraries read this when they are
        loaded."""
        os.environ.update(dict.fromkeys(THREADS, "1"))
        return ProcessPoolExecutor(self.cpus, mp_context=get_context("spawn"), initializer=self._begin)


def finished(waiting: dict[Future[Clock], int]) -> Iterator[tuple[Clock, int]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        rows = waiting.pop(future)
        yield future.result(), rows


_compiled: dict[str, CompiledSegment] = {}
_shared = Shared()


def work_on(segment: Segment, batch: pl.DataFrame, part: Path) -> Clock:
    """One batch (id, key, text, …) through one segment; the results become a part of its stage."""
    if segment.digest not in _compiled:
        _compiled[segment.digest] = compile_segment(segment)
    made, clock = through(_compiled[segment.digest], batch)
    write_part(made, part)
    return clock


def through(compiled: CompiledSegment, frame: pl.DataFrame) -> tuple[pl.DataFrame, Clock]:
    """A segment's results on one batch, as the columns of a stage."""
    segment, clock = compiled.segment, Clock()
    batch = Batch(frame["text"], frame.drop("text"), _shared)
    gone: list[pl.DataFrame] = []
    pending = np.ones(
        len(batch), dtype=bool
    )  # filters in a row judge the same batch; rows leave it before the next mapper
    for place, _ in segment.steps:
        began, rows = time.perf_counter(), int(pending.sum())
        if place in compiled.mappers:
            if rows < len(batch):
                batch, pending = batch.filtered(pending), np.ones(rows, dtype=bool)
            batch = batch.with_texts(compiled.mappers[place](batch.texts))
        else:
            judged = compiled.filters[place](batch)
            falls = pending & ~judged.keep
            if falls.any():
                gone.append(rejected(batch, falls, judged, place))
            pending &= judged.keep
        clock.note(place, rows, int(pending.sum()), time.perf_counter() - began)
    batch = batch.filtered(pending)
    began = time.perf_counter()
    alive = staying(compiled, batch)
    if segment.deduplicator:
        clock.note(segment.deduplicator[0], len(batch), len(batch), time.perf_counter() - began)
    return pl.concat([alive, *gone]), clock


def rejected(batch: Batch, falls: np.ndarray, judged: Any, place: int) -> pl.DataFrame:
    places = np.flatnonzero(falls)
    values = judged.values[places]
    columns = {
        "id": batch.fields["id"].gather(places),
        "key": batch.fields["key"].gather(places),
        "step": [place] * len(places),
        "statistic": [judged.statistics[p] for p in places],
        "value": [None if np.isnan(v) else float(v) for v in values],
        "text": [None] * len(places),
        "text_hash": [None] * len(places),
        "dedup": [None] * len(places),
    }
    return pl.DataFrame(columns, schema=SCHEMA)


def staying(compiled: CompiledSegment, batch: Batch) -> pl.DataFrame:
    rows, writes = len(batch), compiled.segment.changes_text
    columns = {
        "id": batch.fields["id"],
        "key": batch.fields["key"],
        "step": [-1] * rows,
        "statistic": [""] * rows,
        "value": [None] * rows,
        "text": batch.texts if writes else [None] * rows,
        "text_hash": [digest_of_text(t) for t in batch.list] if writes else [None] * rows,
        "dedup": compiled.keys(batch) if compiled.keys else [None] * rows,
    }
    return pl.DataFrame(columns, schema=SCHEMA)
