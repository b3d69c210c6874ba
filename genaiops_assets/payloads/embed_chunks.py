"""Payload: index rows for new or changed passages; a vector is computed only when the text changed. Resumes from parts
after a kill.

Inputs: `chunks`, snapshot of the passages; `base`, snapshot of the last index of the same model, or null; `embedder`,
as `EmbeddingModel`; `room`, the most tokens of a passage that the model reads, or null. Config: `batch_size`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import RowWriter, Snapshot, Tables, digest_of_file, in_list, write_json
from genaiops_assets.retrieval import Chunk, Embedder, embedding_text, index_schema, open_embedder, terms_column

PART = 512  # passages a part; a killed payload loses at most one
ID_BATCH = 500
FEW = 5000  # up to so many rows are asked for by name, more are filtered out of all


def rows_with(
    tables: Tables, snapshot: Snapshot, column: str, values: set[str], columns: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of a snapshot whose column has one of these values."""
    if len(values) > FEW:
        yield from (r for r in tables.rows(snapshot, columns) if r[column] in values)
        return
    named = sorted(values)
    for start in range(0, len(named), ID_BATCH):
        yield from tables.rows(snapshot, columns, in_list(column, named[start : start + ID_BATCH]))


def known_vectors(tables: Tables, base: Snapshot | None, hashes: set[str]) -> dict[str, np.ndarray]:
    """embed_hash → vector, of those that the last index has."""
    if base is None:
        return {}
    rows = rows_with(tables, base, "embed_hash", hashes, ["embed_hash", "vector"])
    return {r["embed_hash"]: np.asarray(r["vector"], dtype=np.float32) for r in rows}


def resumed(job: Job) -> dict[str, np.ndarray]:
    """embed_hash → vector, from the parts a killed run of this job left in scratch, each as it was sealed."""
    found: dict[str, np.ndarray] = {}
    for part in sorted(job.resume.glob("part-*.npz")):
        if job.kept(part.stem) != digest_of_file(part):
            continue
        stored = np.load(part, allow_pickle=False)
        found.update(zip(stored["hashes"].tolist(), stored["vectors"], strict=True))
    return found


def text_of(row: dict[str, Any]) -> str:
    chunk = Chunk(
        row["id"], row["doc_id"], row["position"], row["start"], row["end"], row["text"], row["heading"], row["tokens"]
    )
    return embedding_text(chunk, row["title"])


def embedded(job: Job, embedder: Embedder, texts: dict[str, str]) -> dict[str, np.ndarray]:
    """embed_hash → vector of each text, the shortest first, so that a batch pads little; kept part by part."""
    vectors: dict[str, np.ndarray] = {}
    missing = sorted(texts, key=lambda h: (len(texts[h]), h))
    for start in range(0, len(missing), PART):
        part = missing[start : start + PART]
        made = embedder.encode([texts[h] for h in part])
        target = job.resume / f"part-{start:08d}-{part[0][:8]}.npz"
        temporary = target.with_suffix(".tmp")
        with open(temporary, "wb") as f:
            np.savez(f, hashes=np.array(part), vectors=made)
        temporary.rename(target)
        job.keep(target.stem, digest_of_file(target))
        vectors.update(zip(part, made, strict=True))
        job.progress("passages embedded", start + len(part), len(missing))
    return vectors


def work(job: Job) -> dict[str, Any]:
    """Writes `index.parquet` (rows to put in) and `removed.json` (ids to take out of `base`). Returns counts: `rows`,
    `embedded`, `reused`, `cut` (passages longer than the model reads), and the `width` of the vectors."""
    tables, model = job.lake().tables, job.inputs["embedder"]["digest"]
    chunks, base = Snapshot(**job.inputs["chunks"]), Snapshot(**job.inputs["base"]) if job.inputs["base"] else None
    wanted, cut, room = dict[str, str](), 0, job.inputs.get("room")
    for r in tables.rows(chunks, ["id", "row_hash", "tokens"]):
        wanted[r["id"]] = r["row_hash"]
        cut += room is not None and r["tokens"] > room
    present = {r["id"]: r["chunk_hash"] for r in tables.rows(base, ["id", "chunk_hash"])} if base else {}
    fresh = {i for i, digest in wanted.items() if present.get(i) != digest}
    rows = sorted(rows_with(tables, chunks, "id", fresh), key=lambda r: r["id"])
    vectors = known_vectors(tables, base, {r["embed_hash"] for r in rows})
    reused = len(wanted) - sum(1 for r in rows if r["embed_hash"] not in vectors)
    vectors |= resumed(job)
    embedder = open_embedder(
        job.inputs["embedder"], cache=job.cache, batch_size=job.config["batch_size"], cpus=job.cpus
    )
    vectors |= embedded(job, embedder, {r["embed_hash"]: text_of(r) for r in rows if r["embed_hash"] not in vectors})
    with RowWriter(job.resume / "index.parquet", index_schema(embedder.width)) as writer:
        for row in rows:
            made = {
                "model": model,
                "chunk_hash": row.pop("row_hash"),
                "terms": terms_column(row["title"], row["heading"], row["text"]),
            }
            writer.write({**row, **made, "vector": vectors[row["embed_hash"]].tolist()})
    write_json(job.resume / "removed.json", sorted(present.keys() - wanted.keys()))
    embedded_now = len(wanted) - reused
    return {"rows": len(wanted), "embedded": embedded_now, "reused": reused, "cut": cut, "width": embedder.width}


if __name__ == "__main__":
    run_payload(work)
