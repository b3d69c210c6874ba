"""Indexes on tables: one on the vectors, one on the terms, built, described and carried over to a table that takes
another's place.

Belongs here: what Lance is told. A vector index is named by its kind and partitions, because a version of a table
tells the names of its indexes and not how many partitions they have. Does not belong here: which kind suits
(`retrieval/index_choice.py`) and searching. Rows that no index covers yet are still found: Lance scans them beside the
index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

VECTOR, TERMS = "vector", "terms"  # the columns, where a table has them
EXACT = "EXACT"
KINDS = (EXACT, "IVF_RQ", "IVF_SQ", "IVF_PQ", "IVF_HNSW_SQ", "IVF_FLAT")
LEAST_ROWS = 256  # fewer cannot train centroids and codes
DIMENSIONS_A_CODE = 4  # of IVF_PQ: one byte for four floats


@dataclass(frozen=True)
class VectorIndex:
    """EXACT is no index: every vector is compared. The others look into some of `partitions` clusters (inverted file,
    Jégou et al. 2011)."""

    kind: str = EXACT
    partitions: int = 0

    @property
    def name(self) -> str:
        return self.kind if self.kind == EXACT else f"{self.kind}-{self.partitions}"

    @staticmethod
    def named(name: str) -> VectorIndex:
        """Raises ValueError when no vector index has such a name."""
        kind, _, partitions = name.partition("-")
        if kind not in KINDS or (kind == EXACT) == bool(partitions):
            raise ValueError(f"{name!r} names no vector index")
        return VectorIndex(kind, int(partitions or 0))


def vector_index_of(table: Any) -> VectorIndex:
    """What the open version of a Lance table has on its vectors."""
    return next((VectorIndex.named(i.name) for i in table.list_indices() if i.columns == [VECTOR]), VectorIndex())


def train(table: Any, wanted: VectorIndex) -> None:
    """Build the index from all vectors, in place of whatever there was; too few rows stay without one. Centroids start
    at random, so two trainings of the same rows may differ in a neighbour: a version keeps the one it was tagged
    with."""
    for index in [i for i in table.list_indices() if i.columns == [VECTOR]]:
        table.drop_index(index.name)
    if wanted.kind != EXACT and table.count_rows() >= max(LEAST_ROWS, wanted.partitions):
        table.create_index(VECTOR, config=_config(table, wanted), name=wanted.name)


def _config(table: Any, wanted: VectorIndex) -> Any:
    from lancedb.index import HnswSq, IvfFlat, IvfPq, IvfRq, IvfSq

    how: dict[str, Any] = {"distance_type": "cosine", "num_partitions": wanted.partitions}
    if wanted.kind == "IVF_PQ":
        width = table.schema.field(VECTOR).type.list_size
        return IvfPq(**how, num_sub_vectors=max(1, width // DIMENSIONS_A_CODE))
    return {"IVF_RQ": IvfRq, "IVF_SQ": IvfSq, "IVF_HNSW_SQ": HnswSq, "IVF_FLAT": IvfFlat}[wanted.kind](**how)


def index_terms(table: Any) -> None:
    """A BM25 index on the column of prepared terms, in place of any there was. English words are stemmed; pairs of
    Chinese characters stay."""
    from lancedb.index import FTS

    as_prepared = FTS(
        base_tokenizer="whitespace",
        stem=True,
        lower_case=False,
        ascii_folding=False,
        remove_stop_words=False,
        max_token_length=None,
    )
    table.create_index(TERMS, config=as_prepared, name=TERMS, replace=True)


def has_terms_index(table: Any) -> bool:
    return any(i.columns == [TERMS] for i in table.list_indices())


def unindexed(table: Any, column: str = "") -> int:
    """Rows that some index of the open version, or that on one column, does not cover."""
    indexes = [i for i in table.list_indices() if not column or i.columns == [column]]
    return max((int(i.num_unindexed_rows or 0) for i in indexes), default=0)


def bytes_of(table: Any, column: str) -> int:
    """Size of the index on a column, 0 without one."""
    return sum(int(i.size_bytes or 0) for i in table.list_indices() if i.columns == [column])


def carry_over(old: Any, new: Any) -> None:
    """Index a table as the open version of another is; what it holds already stays."""
    if VECTOR in new.schema.names and vector_index_of(new) != vector_index_of(old):
        train(new, vector_index_of(old))
    if has_terms_index(old) and not has_terms_index(new):
        index_terms(new)
