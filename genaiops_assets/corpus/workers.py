"""Workers: batches of documents through one segment of a recipe, in this process or in several.

Belongs here: how texts are cut into batches, the processes, the time they take, and what a batch's rows become. Does
not belong here: which rows need work and the state of all rows at the end (`engine.py`), what an operator does
(`operators`)."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.batch import Batch, Shared
from genaiops_assets.corpus.plan import CompiledSegment, Segment, compile_segment
from genaiops_assets.corpus.stages import SCHEMA, Stage, write_part
from genaiops_assets.lake import digest_of_text

BATCH_CHARACTERS = 8_000_000
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
ALONE = 2048  # fewer rows than this are not worth the start of workers
Progress = Callable[[str, int, int], None]


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
