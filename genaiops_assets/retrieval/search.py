"""Search: the passages for a question, from one snapshot of the index, and how that snapshot is asked.

Belongs here: the columns of the chunk and index tables, dense, full-text and hybrid search, conditions on what may be
found. Does not belong here: making vectors (`embedding.py`), choosing an index (`index_choice.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from genaiops_assets.lake import EXACT, TERMS, VECTOR, Artifact, Snapshot, Tables, derived_field, in_list, vector_field
from genaiops_assets.retrieval.embedding import Embedder
from genaiops_assets.retrieval.fusion import blended, fused
from genaiops_assets.retrieval.passages import SHOWN, Passage, passage_of
from genaiops_assets.retrieval.question_parts import parts_of
from genaiops_assets.retrieval.reranking import Reranker
from genaiops_assets.retrieval.terms import search_terms

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
        ("source", pa.string()),
        ("license", pa.string()),
        ("first_seen", pa.int64()),  # number of the batch that brought the document
        ("parent_hash", pa.string()),  # text hash of the document: unchanged documents are not chunked again
        ("embed_hash", pa.string()),  # hash of what is embedded: unchanged passages are not embedded again
    ]
)
DEPTH = 50  # passages of each ranking that hybrid search fuses, or k where that is more

Mode = Literal["dense", "text", "hybrid"]
MODES: tuple[Mode, ...] = ("dense", "text", "hybrid")


def index_schema(width: int) -> pa.Schema:
    """The chunks with their vector and search terms; `model` is the digest of the embedding model, `chunk_hash` the
    row hash of the chunk."""
    derived = [derived_field("chunk_hash", pa.string()), derived_field(TERMS, pa.string()), vector_field(VECTOR, width)]
    return pa.schema([*CHUNKS, pa.field("model", pa.string()), *derived])


def terms_column(title: str, heading: str, text: str) -> str:
    """What full-text search looks at for a passage: its terms and those of what stands above it, with spaces
    between."""
    return " ".join(search_terms(f"{title}\n{heading}\n{text}"))


@dataclass(frozen=True)
class Search:
    """How a snapshot is searched, written down beside it: `index` names its vector index, `nprobes` of whose clusters
    are looked into, the best k × `refine` compared again by their full vectors; `ef` is the width of a search in a
    graph (Malkov and Yashunin 2018). 0 is none."""

    mode: Mode = "dense"
    index: str = EXACT
    nprobes: int = 0
    refine: int = 0
    ef: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(facts: Mapping[str, Any]) -> Search:
        """As `index.json` has it; older ones knew exact dense search only."""
        search = facts.get("search")
        return Search(**search) if isinstance(search, Mapping) else Search()


@dataclass(frozen=True)
class Only:
    """What may be found: passages that meet every condition given. `sources` may be none at all: nothing is found
    then. `since`, `until`: brought by this batch of documents or a later, an earlier one."""

    sources: tuple[str, ...] | None = None
    licenses: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None

    @property
    def where(self) -> str:
        named = {"source": self.sources, "license": self.licenses, "doc_id": self.documents}
        conditions = [in_list(column, list(values)) for column, values in named.items() if values]
        if self.sources == ():
            conditions.append("false")
        conditions += [f"first_seen >= {int(self.since)}"] if self.since is not None else []
        return " AND ".join(conditions + ([f"first_seen <= {int(self.until)}"] if self.until is not None else []))


ANYTHING = Only()


class Index:
    """One snapshot of the index table, open for search as it was made to be searched."""

    def __init__(self, tables: Tables, snapshot: Snapshot, search: Search | None = None):
        self.table, self.rows, self.search = tables.at(snapshot), snapshot.rows, search or Search()

    @classmethod
    def from_spec(cls, tables: Tables, spec: Mapping[str, Any]) -> Index:
        """The index that `index_spec` describes."""
        return cls(tables, Snapshot(**spec["snapshot"]), Search(**spec["search"]))

    @classmethod
    def over(cls, table: Any, rows: int, search: Search) -> Index:
        """An open Lance table, before it is a snapshot."""
        index = cls.__new__(cls)
        index.table, index.rows, index.search = table, rows, search
        return index

    def find(
        self, parts: Sequence[tuple[str, np.ndarray]], k: int, only: Only = ANYTHING, mode: Mode | None = None
    ) -> list[Passage]:
        """The k best passages for a question, best first: by meaning (dense), by words (text), or by both (hybrid):
        similarity and match blended, or of a question in several parts all rankings fused. `parts`: what is asked with
        its vector. A passage's score is its similarity to the part that is nearest to it."""
        mode = mode or self.search.mode
        depth = max(k, DEPTH) if mode == "hybrid" or len(parts) > 1 else k
        near = [self.nearest(vector, depth, only) for _, vector in parts] if mode != "text" else []
        matches = [self._matches(text, vector, depth, only) for text, vector in parts] if mode != "dense" else []
        best: dict[str, Passage] = {}
        for passage in chain(*near, *matches):
            best[passage.id] = max(best.get(passage.id, passage), passage, key=lambda p: p.score)
        if mode == "hybrid" and len(parts) == 1:
            order = blended({i: p.score for i, p in best.items()}, {p.id: bm25 for p, bm25 in matches[0].items()})
        else:
            order = fused([[p.id for p in found] for found in (*near, *matches)])
        return [best[i] for i in order[:k]]

    def nearest(self, vector: np.ndarray, k: int, only: Only = ANYTHING) -> list[Passage]:
        """The k passages with the highest cosine similarity, best first; ties in the order of their id."""
        query = self._limited(self.table.search(vector, vector_column_name=VECTOR).distance_type("cosine"), k, only)
        found = self._asked(query).select([*SHOWN, "_distance"]).to_list()
        found.sort(key=lambda r: (r["_distance"], r["id"]))
        return [passage_of(r, 1.0 - r["_distance"]) for r in found]

    def matching(self, question: str, vector: np.ndarray, k: int, only: Only = ANYTHING) -> list[Passage]:
        """The k passages that say the question's words best (BM25, Robertson and Zaragoza 2009), best first; none
        where none says any."""
        return list(self._matches(question, vector, k, only))

    def _matches(self, question: str, vector: np.ndarray, k: int, only: Only) -> dict[Passage, float]:
        """Passage → BM25, best first; ties in the order of their id."""
        terms = " ".join(dict.fromkeys(search_terms(question)))
        if not terms:
            return {}
        query = self._limited(self.table.search(terms, query_type="fts", fts_columns=TERMS), k, only)
        found = query.select([*SHOWN, VECTOR, "_score"]).to_list()
        found.sort(key=lambda r: (-r["_score"], r["id"]))
        return {
            passage_of(r, float(np.dot(np.asarray(r[VECTOR], dtype=np.float32), vector))): r["_score"] for r in found
        }

    def asked(self, **settings: Any) -> Index:
        """The same snapshot, asked otherwise."""
        return Index.over(self.table, self.rows, replace(self.search, **settings))

    def _limited(self, query: Any, k: int, only: Only) -> Any:
        return query.where(only.where, prefilter=True).limit(k) if only.where else query.limit(k)

    def _asked(self, query: Any) -> Any:
        how = self.search
        if how.index == EXACT:
            return query.bypass_vector_index()
        query = query.nprobes(how.nprobes) if how.nprobes else query
        query = query.refine_factor(how.refine) if how.refine else query
        return query.ef(how.ef) if how.ef else query


def index_spec(index: Artifact) -> dict[str, Any]:
    """The JSON spec of a published index: its snapshot and how that is searched."""
    return {"snapshot": index.snapshot(index.asset).to_dict(), "search": Search.of(index.json("index.json")).to_dict()}


class Retriever:
    """Questions to passages: an index, the model that its vectors are from, and a reranker where the use case has
    one."""

    def __init__(self, index: Index, embedder: Embedder, reranker: Reranker | None = None):
        self.index, self.embedder, self.reranker = index, embedder, reranker

    def find(
        self, questions: Sequence[str], k: int, only: Only = ANYTHING, mode: Mode | None = None
    ) -> list[list[Passage]]:
        """Hybrid search takes long questions part by part; the other ways take each as it is."""
        hybrid = (mode or self.index.search.mode) == "hybrid"
        asked = [parts_of(q) if hybrid else [q] for q in questions]
        vectors = iter(self.embedder.encode_queries([part for parts in asked for part in parts]))
        depth = max(k, self.reranker.depth) if self.reranker else k
        found = [self.index.find([(part, next(vectors)) for part in parts], depth, only, mode) for parts in asked]
        return [passages[:k] for passages in self.reranker.reordered(questions, found)] if self.reranker else found
