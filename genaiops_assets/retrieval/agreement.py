"""Agreement: how much of what exact search finds an index finds too, and how long it takes.

Belongs here: exact search in NumPy (streamed, so that the vectors need not fit into memory), recall and latency over
probes. Does not belong here: what follows from them (`index_choice.py`)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from genaiops_assets.lake import VECTOR, in_list
from genaiops_assets.retrieval.search import Index
from genaiops_assets.statistics import mean_interval

K = 10
PROBES, MIXED = 200, 4
SAME = 1e-5  # similarities closer than this are equal: float32 sums in another order
BATCH = 8192
RESAMPLES = 2000


def exact_nearest(vectors: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Row numbers of the k nearest unit vectors (n, d) for each query (m, d): shape (m, k), best first."""
    k = min(k, len(vectors))
    return np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :k]


def kth_similarity(batches: Iterable[np.ndarray], queries: np.ndarray, k: int = K) -> np.ndarray:
    """For each query (m, d) the similarity of its k-th nearest among unit vectors that come in batches (n, d); of the
    last where there are fewer. Shape (m,); memory for one batch. ValueError when there are no vectors."""
    best = np.empty((len(queries), 0), dtype=np.float32)
    for vectors in batches:
        found = np.concatenate([best, queries @ vectors.T], axis=1)
        best = found if found.shape[1] <= k else -np.partition(-found, k - 1, axis=1)[:, :k]
    if not best.shape[1]:
        raise ValueError("no vectors to search among")
    return best.min(axis=1)


def vectors_of(table: Any, batch_rows: int = BATCH) -> Iterator[np.ndarray]:
    """All vectors of an open Lance table, (n, d) at a time, in no particular order."""
    for batch in table.search().select([VECTOR]).to_batches(batch_rows):
        if batch.num_rows:
            yield as_matrix(batch.column(VECTOR))


def as_matrix(column: pa.Array) -> np.ndarray:
    return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1).astype(np.float32, copy=False)


def probes_of(table: Any, count: int = PROBES, seed: int = 17) -> np.ndarray:
    """Questions to measure with: sums of four passages' vectors, evenly spaced in the order of their id and shuffled
    together (fixed seed). People's questions lie between passages: a passage itself is found by looking into one
    cluster, and an index chosen on passages missed a tenth of what real questions look for. Shape (count or rows, d),
    unit length."""
    ids = sorted(table.search().select(["id"]).to_arrow().column("id").to_pylist())
    chosen = ids[:: max(1, len(ids) // (count * MIXED))][: count * MIXED]
    rows = pa.Table.from_batches(
        table.search().where(in_list("id", chosen)).select(["id", VECTOR]).limit(len(chosen)).to_batches(BATCH)
    )
    vectors = as_matrix(rows.sort_by("id").column(VECTOR).combine_chunks())
    random, probes = np.random.default_rng(seed), vectors[: min(count, len(vectors))].copy()
    for turn in range(MIXED):
        order = random.permutation(len(vectors))[: len(probes)]
        probes = vectors[order] if not turn else probes + vectors[order]
    return probes / np.maximum(np.linalg.norm(probes, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True)
class Agreement:
    """Recall@10 against exact search, one share a probe, and seconds, one a probe."""

    shares: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def recall(self) -> dict[str, Any]:
        """Mean and 95 % interval over the probes, as {mean, low, high, n, …}."""
        return mean_interval(self.shares, resamples=RESAMPLES).to_dict()

    def milliseconds(self, percentile: float) -> float:
        return float(np.percentile(self.seconds, percentile)) * 1000 if self.seconds else 0.0

    def figures(self) -> dict[str, Any]:
        recall = self.recall
        return {
            "recall_at_10_against_exact": round(recall["mean"], 4),
            "recall_interval": [round(recall[end], 4) if recall[end] is not None else None for end in ("low", "high")],
            "p50_ms": round(self.milliseconds(50), 3),
            "p95_ms": round(self.milliseconds(95), 3),
            "probes": len(self.shares),
        }


def agreement(index: Index, probes: np.ndarray, kth: Sequence[float] | np.ndarray, k: int = K) -> Agreement:
    """Search for every probe (m, d); `kth` is the similarity of its k-th nearest. What is as near as that counts as
    found."""
    shares, seconds = [], []
    index.nearest(probes[0], k)  # opens files
    for probe, worst in zip(probes, kth, strict=True):
        began = time.perf_counter()
        found = index.nearest(probe, k)
        seconds.append(time.perf_counter() - began)
        shares.append(sum(p.score >= worst - SAME for p in found) / min(k, max(index.rows, 1)))
    return Agreement(tuple(shares), tuple(seconds))


def measured(index: Index, count: int = PROBES) -> Agreement:
    """An index against exact search over its own rows, which are read once. An empty index agrees with an empty
    search."""
    if not index.rows:
        return Agreement((1.0,), ())
    probes = probes_of(index.table, count)
    return agreement(index, probes, kth_similarity(vectors_of(index.table), probes))
