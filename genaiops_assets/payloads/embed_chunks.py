"""Payload: vectors for passages that have none yet, the rest taken over from the last index. Resumes from parts after a kill."""

from __future__ import annotations

from typing import Any

import numpy as np

from genaiops_assets.compute.job import Job, run_payload
from genaiops_assets.lake import RowWriter, Snapshot
from genaiops_assets.retrieval import SentenceEmbedder, embedding_text, index_schema
from genaiops_assets.retrieval.chunking import Chunk

PART = 256  # passages a part; a killed payload loses at most one


def known_vectors(job: Job, model: str) -> dict[str, np.ndarray]:
    """embed_hash → vector, from the last index of the same model."""
    if not job.inputs["previous"]:
        return {}
    rows = job.lake().tables.rows(Snapshot(**job.inputs["previous"]), ["embed_hash", "model", "vector"])
    return {r["embed_hash"]: np.asarray(r["vector"], dtype=np.float32) for r in rows if r["model"] == model}


def resumed(job: Job) -> dict[str, np.ndarray]:
    """embed_hash → vector, from the parts a killed run left in scratch."""
    found: dict[str, np.ndarray] = {}
    for part in sorted(job.resume.glob("part-*.npz")):
        stored = np.load(part, allow_pickle=False)
        found.update(zip(stored["hashes"].tolist(), stored["vectors"], strict=True))
    return found


def text_of(row: dict[str, Any]) -> str:
    chunk = Chunk(row["id"], row["doc_id"], row["position"], row["start"], row["end"], row["text"], row["heading"], row["tokens"])
    return embedding_text(chunk, row["title"])


def work(job: Job) -> dict[str, Any]:
    model = job.inputs["embedder"]["digest"]
    chunks = job.lake().tables.read(Snapshot(**job.inputs["chunks"])).to_pylist()
    vectors = known_vectors(job, model)
    reused = sum(1 for c in chunks if c["embed_hash"] in vectors)
    vectors.update(resumed(job))
    texts = {c["embed_hash"]: text_of(c) for c in chunks if c["embed_hash"] not in vectors}
    missing = sorted(texts, key=lambda h: (len(texts[h]), h))
    embedder = SentenceEmbedder(job.inputs["embedder"]["path"], batch_size=job.config["batch_size"], cpus=job.cpus)
    for start in range(0, len(missing), PART):
        part = missing[start : start + PART]
        made = embedder.encode([texts[h] for h in part])
        target = job.resume / f"part-{start:08d}-{part[0][:8]}.npz"
        temporary = target.with_suffix(".tmp")
        with open(temporary, "wb") as f:
            np.savez(f, hashes=np.array(part), vectors=made)
        temporary.rename(target)
        vectors.update(zip(part, made, strict=True))
        job.progress("passages embedded", start + len(part), len(missing))
    with RowWriter(job.resume / "index.parquet", index_schema(embedder.width)) as writer:
        for c in chunks:
            row = {k: v for k, v in c.items() if k != "row_hash"}
            writer.write({**row, "model": model, "vector": vectors[c["embed_hash"]].tolist()})
    return {"rows": len(chunks), "embedded": len(chunks) - reused, "reused": reused, "width": embedder.width}


if __name__ == "__main__":
    run_payload(work)
