"""Which index a table gets: found by measuring candidates on probes, the cheapest first, against a recall and a
latency.

Belongs here: the candidates, the choice, when an index is kept as it is. Does not belong here: building one
(`lake/indexes.py`), measuring one (`agreement.py`)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genaiops_assets.lake import (
    EXACT,
    TERMS,
    VECTOR,
    VectorIndex,
    bytes_of,
    compact,
    has_terms_index,
    index_terms,
    small_files,
    train,
    unindexed,
    vector_index_of,
)
from genaiops_assets.retrieval.agreement import Agreement, agreement, kth_similarity, probes_of, vectors_of
from genaiops_assets.retrieval.search import Index, Search

EXACT_BELOW = 50_000  # rows; below, comparing every vector takes milliseconds and answers depend on the rows alone
FEW = 40  # probes that a first look takes
STALE = 0.1  # share of rows no index covers, from which on they are indexed too
FLOAT = 4
# IVF_PQ and IVF_HNSW_SQ can be built and are not tried: 54 s and 10 s of training for 20,000 vectors on two cores,
# where these take 1 s.
BYTES_A_DIMENSION = {"IVF_RQ": 1 / 8, "IVF_SQ": 1.0, "IVF_FLAT": 4.0}
REFINES = {"IVF_RQ": (4, 16), "IVF_SQ": (1, 2), "IVF_FLAT": (0,)}


@dataclass(frozen=True)
class Limits:
    """What the use case asks for: the lower end of recall@10's interval, the 95th percentile of one search, and the
    size of the index."""

    min_recall: float
    max_latency_ms: float
    memory_gib: float


@dataclass(frozen=True)
class Candidate:
    """One index asked in one way, as measured; `bytes_per_vector` is the index alone, `build_seconds` its training."""

    search: Search
    agreement: Agreement
    bytes_per_vector: float
    build_seconds: float
    limits: Limits

    @property
    def finds(self) -> bool:
        recall = self.agreement.recall
        return (recall["mean"] if recall["low"] is None else recall["low"]) >= self.limits.min_recall

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return self.agreement.milliseconds(95)

    @property
    def is_fast(self) -> bool:
        return self.p95 <= self.limits.max_latency_ms

    def row(self) -> dict[str, Any]:
        """For a table people read."""
        recall, how = self.agreement.recall, self.search
        return {
            "index": how.index, "nprobes": how.nprobes, "refine": how.refine, "recall@10": round(recall["mean"], 4),
            "recall low": recall["low"] if recall["low"] is None else round(recall["low"], 4),
            "p50 ms": round(self.agreement.milliseconds(50), 2), "p95 ms": round(self.p95, 2),
            "bytes per vector": round(self.bytes_per_vector), "build s": round(self.build_seconds, 1),
            "recall reached": self.finds, "latency reached": self.is_fast,
        }  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """`chosen` is what the table has now; `tried`: all that was measured, in that order."""

    chosen: Candidate
    tried: tuple[Candidate, ...]

    @property
    def search(self) -> Search:
        return self.chosen.search


def arrange(
    table: Any,
    limits: Limits,
    *,
    before: Search | None = None,
    renew: bool = False,
    say: Callable[[str], Any] = lambda what: None,
) -> Choice:
    """Index an open Lance table for dense and full-text search. A small table stays exact; `before` says how the table
    was searched until now: an index that still finds enough is kept, new rows are added to it once they are many;
    the terms index is made anew with every row that is added.
    `renew`: files are compacted and everything is chosen and trained anew."""
    rows = int(table.count_rows())
    if renew:
        say(f"compacting {rows} rows")
        compact(table)
    small = rows < EXACT_BELOW
    stale = unindexed(table) > (0 if small else STALE * rows)
    if stale and not small and not renew:
        say("adding new rows to the index")
        compact(table)
    choice = exact(table, limits) if small else kept(table, limits, before) if before and not renew else None
    choice = choice or choose(table, limits, say)
    # BM25 of rows outside the terms index knows nothing of the statistics of those inside, and cannot be compared.
    if renew or not has_terms_index(table) or unindexed(table, TERMS):
        index_terms(table)
    return choice


def exact(table: Any, limits: Limits) -> Choice:
    """No vector index; what there was is dropped."""
    if vector_index_of(table).kind != EXACT:
        train(table, VectorIndex())
    found = Measuring(table, limits).tried(Search(), 0.0)
    return Choice(found, (found,))


def kept(table: Any, limits: Limits, before: Search) -> Choice | None:
    """The index the table has, asked as before, if it still finds enough."""
    if vector_index_of(table).name != before.index:
        return None
    found = Measuring(table, limits).candidate(before, 0.0)
    return Choice(found, (found,)) if found.finds and (before.index != EXACT or found.is_fast) else None


def choose(table: Any, limits: Limits, say: Callable[[str], Any] = lambda what: None) -> Choice:
    """Measure exact search, then each kind of index that fits the memory, the smallest first, each asked ever more
    thoroughly until it finds enough or takes longer than exact search. The first that finds enough fast enough is
    taken, with a margin where there is time for one; if none is fast enough, the fastest of those that find enough.
    Exact search always finds enough, so there is a choice."""
    measuring, tried = Measuring(table, limits), list[Candidate]()
    for index in candidates(table.count_rows(), table.schema.field(VECTOR).type.list_size, limits.memory_gib):
        began = time.monotonic()
        say(f"training {index.name}")
        train(table, index)
        seconds = time.monotonic() - began
        for search in ways_to_ask(index):
            tried.append(measuring.tried(search, seconds))
            if tried[-1].finds or tried[-1].p95 > tried[0].p95:  # what follows is slower, and exact search finds all
                break
        if tried[-1].finds and tried[-1].is_fast:
            return measuring.with_margin(tried)
    best = min((c for c in tried if c.finds), key=lambda c: c.p95)
    train(table, VectorIndex.named(best.search.index))
    again = measuring.candidate(best.search, best.build_seconds)
    return Choice(again, (*tried, again))


def candidates(rows: int, width: int, memory_gib: float) -> Iterator[VectorIndex]:
    """Exact search, then kinds of index by size. About √rows clusters, a power of two."""
    yield VectorIndex()
    partitions = 2 ** round(math.log2(math.sqrt(max(rows, 1))))
    for kind, size in BYTES_A_DIMENSION.items():
        if rows * width * size <= memory_gib * 2**30:
            yield VectorIndex(kind, partitions)


def ways_to_ask(index: VectorIndex) -> Iterator[Search]:
    """From the quickest to the most thorough: ever more clusters, and codes compared again by full vectors."""
    if index.kind == EXACT:
        yield Search()
        return
    nprobes = 4
    while nprobes < index.partitions // 2:
        for refine in REFINES[index.kind]:
            yield Search(index=index.name, nprobes=nprobes, refine=refine)
        nprobes *= 2


class Measuring:
    """The same probes for every candidate of one table; their exact neighbours are found once."""

    def __init__(self, table: Any, limits: Limits):
        self.table, self.limits = table, limits
        self.rows = int(table.count_rows())
        self.probes = probes_of(table) if self.rows else np.zeros((0, 1), dtype=np.float32)
        self.kth = kth_similarity(vectors_of(table), self.probes) if self.rows else np.zeros(0)

    def tried(self, search: Search, build_seconds: float) -> Candidate:
        """Measured on few probes where these say enough: exact search misses nothing, and what misses much is not
        looked at further."""
        few = self.candidate(search, build_seconds, FEW)
        hopeless = few.agreement.recall["mean"] < self.limits.min_recall
        return few if hopeless or search.index == EXACT else self.candidate(search, build_seconds)

    def with_margin(self, tried: list[Candidate]) -> Choice:
        """The last one tried, asked twice as thoroughly where that is fast enough too: some questions are harder than
        the probes."""
        last = tried[-1]
        if last.search.index == EXACT:
            return Choice(last, tuple(tried))
        thorough = replace(last.search, nprobes=2 * last.search.nprobes, refine=2 * last.search.refine)
        more = self.candidate(thorough, last.build_seconds)
        return Choice(more if more.finds and more.is_fast else last, (*tried, more))

    def candidate(self, search: Search, build_seconds: float, probes: int | None = None) -> Candidate:
        index = Index.over(self.table, self.rows, search)
        found = agreement(index, self.probes[:probes], self.kth[:probes]) if self.rows else Agreement((1.0,), ())
        size = bytes_of(self.table, VECTOR) / max(self.rows, 1)
        if search.index == EXACT:
            size = self.table.schema.field(VECTOR).type.list_size * FLOAT
        return Candidate(search, found, size, build_seconds, self.limits)


def label_of(table: Any, renewal: int) -> str:
    """What tells this version from others with the same rows: a trained index is one of a kind, exact search is not."""
    trained = next((f"{i.name}-{i.index_uuid[:8]}" for i in table.list_indices() if i.columns == [VECTOR]), "")
    return trained or (f"{EXACT}-{renewal}" if renewal else "")


def needs_care(table: Any) -> bool:
    """Whether compaction or training would change anything: rows that no index covers, or more files than they need."""
    return unindexed(table) > 0 or small_files(table) > 1
