"""Payload: the same questions searched in every way the index can be searched, scored against the documents that
answer them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import Measure, Query, compared_modes, load_retrieval_set
from genaiops_assets.evidence import draw_bars
from genaiops_assets.lake import write_json
from genaiops_assets.retrieval import MODES, Embedder, Index, Retriever, documents_of, open_embedder, open_reranker

DEPTH = 50  # passages searched, so that ten different documents come up
RERANKED = "reranked"  # as in use, with the use case's reranker


def question_sets(job: Job) -> dict[str, list[Query]]:
    """The golden questions, and the use case's other sets of questions, by name."""
    sets = {"golden": [Query(g["id"], g["question"], tuple(g["documents"])) for g in job.inputs["golden"]]}
    sets |= {
        s["name"]: load_retrieval_set(Path(s["path"]), s["fields"], s["limit"]) for s in job.inputs["retrieval_sets"]
    }
    return {name: queries for name, queries in sets.items() if queries}


class Remembering:
    """An embedder that embeds each question once, though it is searched for in several ways."""

    def __init__(self, embedder: Embedder):
        self.embedder, self.known = embedder, dict[str, np.ndarray]()

    @property
    def width(self) -> int:
        return self.embedder.width

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self.embedder.encode(texts)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        fresh = [t for t in dict.fromkeys(texts) if t not in self.known]
        self.known.update(zip(fresh, self.embedder.encode_queries(fresh) if fresh else (), strict=True))
        return np.array([self.known[t] for t in texts], dtype=np.float32)


def work(job: Job) -> dict[str, Any]:
    index = Index.from_spec(job.lake().tables, job.inputs["index"])
    embedder = Remembering(open_embedder(job.inputs["embedder"], cache=job.cache, cpus=job.cpus))
    reranker = open_reranker(job.inputs.get("reranker"), cpus=job.cpus)
    sets, found = question_sets(job), dict[str, dict[str, list[list[str]]]]()
    for name, queries in sets.items():
        asked = [q.text for q in queries]
        ways = {str(mode): Retriever(index, embedder).find(asked, DEPTH, mode=mode) for mode in MODES}
        if reranker:
            ways[RERANKED] = Retriever(index, embedder, reranker).find(asked, DEPTH)
        found[name] = {way: [documents_of(passages) for passages in ranked] for way, ranked in ways.items()}
        job.progress("sets of questions", len(found), len(sets))
    measure = Measure(job.config["resamples"], job.config["confidence"], job.seed)
    compared = {name: compared_modes(queries, found[name], measure) for name, queries in sets.items()}
    report: dict[str, Any] = {
        "schema_version": 1,
        "mode": RERANKED if reranker else index.search.mode,
        "search": index.search.to_dict(),
        "sets": {name: c["modes"] for name, c in compared.items()},
        "items": {name: c["items"] for name, c in compared.items()},
    }
    write_json(job.resume / "report.json", report)
    values = {
        f"{name}: {mode}": round(scores["ndcg_at_10"]["mean"], 3)
        for name, modes in report["sets"].items()
        for mode, scores in modes.items()
    }
    draw_bars(job.out / "views/nDCG by mode.png", "nDCG@10 by way of searching", values)
    return {"sets": len(sets)}


if __name__ == "__main__":
    run_payload(work)
