"""Search: the passages nearest to a question, from one snapshot of the index.

Belongs here: the columns of the chunk and index tables, exact and Lance search, and the measured agreement of the two. Does not belong here:
making vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from genaiops_assets.lake import Snapshot, Tables, vector_field

CHUNKS = pa.schema(
    [
        ("id", pa.string()),
        ("doc_id", pa.string()),
        ("position", pa.int64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("title", pa.string()),
        ("heading", pa.string()),
        ("text", pa.string()),
        ("tokens", pa.int64()),
        ("parent_hash", pa.string()),  # text hash of the document: unchanged documents are not chunked again
        ("embed_hash", pa.string()),  # hash of what is embedded: unchanged passages are not embedded again
    ]
)


def index_schema(width: int) -> pa.Schema:
    """The chunks with their vector; `model` is the digest of the embedding model."""
    return CHUNKS.append(pa.field("model", pa.string())).append(vector_field("vector", width))


@dataclass(frozen=True)
class Passage:
    id: str
    doc_id: str
    title: str
    heading: str
    text: str
    score: float  # cosine similarity

    @property
    def quoted(self) -> str:
        """The passage as a model reads it."""
        return f"{self.title}\n{self.text}" if self.title else self.text


class Index:
    """One snapshot of the index table, open for search."""

    def __init__(self, tables: Tables, snapshot: Snapshot):
        self._table = tables.at(snapshot)
        self.rows = snapshot.rows

    def nearest(self, vector: np.ndarray, k: int) -> list[Passage]:
        """The k passages with the highest cosine similarity, best first; ties in the order of their id."""
        columns = ["id", "doc_id", "title", "heading", "text", "_distance"]
        found = self._table.search(vector).distance_type("cosine").select(columns).limit(k).to_list()
        found.sort(key=lambda r: (r["_distance"], r["id"]))
        return [Passage(r["id"], r["doc_id"], r["title"], r["heading"], r["text"], 1.0 - r["_distance"]) for r in found]


def documents_of(passages: Iterable[Passage]) -> list[str]:
    """Their documents, best first, each once."""
    return list(dict.fromkeys(p.doc_id for p in passages))


def exact_nearest(vectors: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Row numbers of the k nearest unit vectors (n, d) for each query (m, d): shape (m, k), best first."""
    k = min(k, len(vectors))
    return np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :k]


def index_recall(index: Index, ids: Sequence[str], vectors: np.ndarray, queries: np.ndarray, k: int = 10) -> float:
    """Mean share of the exact k nearest that the index finds too; equal distances count as found."""
    exact = exact_nearest(vectors, queries, k)
    similarity = queries @ vectors.T
    position = {row_id: i for i, row_id in enumerate(ids)}
    shares = []
    for number, wanted in enumerate(exact):
        worst = similarity[number, wanted[-1]] - 1e-5
        found = [p.id for p in index.nearest(queries[number], k)]
        shares.append(sum(similarity[number, position[i]] >= worst for i in found if i in position) / len(wanted))
    return float(np.mean(shares)) if shares else 0.0
