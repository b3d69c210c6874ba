"""A small index for tests: passages of our own with vectors made from their words, so that no model is needed. Holds
no tests."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.lake import Snapshot, Tables, write_rows
from genaiops_assets.retrieval import Search, index_schema, terms_column
from genaiops_assets.retrieval.terms import search_terms

NAME, WIDTH = "demo/embeddings_index", 64
Row = dict[str, Any]


class Words:
    """An embedder whose vectors are sums of one random direction a term: texts that share terms lie near each other."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        made = np.array(
            [np.sum([direction(t) for t in search_terms(text)] or [np.ones(WIDTH)], axis=0) for text in texts],
            dtype=np.float32,
        )
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode(texts)


def direction(term: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=WIDTH)


def passage(row_id: str, text: str, **more: Any) -> Row:
    about = {"doc_id": row_id, "title": "", "heading": "", "source": "kb", "license": "MIT", "first_seen": 1, **more}
    vector = Words().encode([text])[0].tolist()
    return {
        "id": row_id,
        "text": text,
        "model": "words",
        "terms": terms_column(about["title"], about["heading"], text),
        "vector": vector,
    } | about


def put(
    tables: Tables, rows: Sequence[Row], arrange: Callable[[Any], str] | None = None, base: Snapshot | None = None
) -> Snapshot:
    """The table made equal to these rows, or with a base: the base with these rows put in."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index.parquet"
        width = len(rows[0]["vector"]) if rows else WIDTH
        write_rows(file, index_schema(width), rows)
        return (
            tables.change(NAME, base, file, [], arrange).snapshot if base else tables.sync(NAME, file, arrange).snapshot
        )


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


EXACTLY = Search()
