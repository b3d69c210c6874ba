"""The index over 100,000 and 1,000,000 vectors: what it finds and costs beside exact search, NumPy and LanceDB's default.

Belongs here: `index.py`'s part `scale`, whose measurement runs in a process of its own. Does not belong here: the
other parts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.retrieval import (
    Index,
    Limits,
    Search,
)
from genaiops_assets.retrieval.agreement import Agreement, agreement, kth_similarity, vectors_of
from genaiops_assets.retrieval.index_choice import choose
from tests.benchmarks.harness import Figure
from tests.benchmarks.index_data import ASKED, BAR_MS, corpora, many
from tests.support.memory import peak


def scale() -> list[Figure]:
    wanted = [int(n) for n in os.environ.get("BENCH_INDEX_SCALES", "100000,1000000").split(",") if n]
    vectors = np.concatenate([c.vectors for c in corpora().values()])
    asked = np.concatenate([c.asked[:: max(1, len(c.asked) // ASKED)][:ASKED] for c in corpora().values()])
    figures = []
    for count in wanted:
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "vectors.npy", vectors)
            np.save(Path(folder) / "asked.npy", asked)
            command = [sys.executable, "-m", "tests.benchmarks.index_scale", str(count), folder]
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


if __name__ == "__main__":
    measure(int(sys.argv[1]), Path(sys.argv[2]))
