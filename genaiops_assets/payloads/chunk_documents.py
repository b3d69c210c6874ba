"""Payload: the passages of a corpus, document by document; those of a document that did not change are taken over.

Inputs: `corpus`, snapshot of the documents; `base`, snapshot of the passages to take over from, or null; `embedder`
{path}: its tokenizer measures passages. Config: `max_tokens`, `overlap_tokens`. Leaves `chunks.parquet` in scratch.
Returns {documents, chunked_now}. Memory is bounded by a batch of documents, whatever the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import RowWriter, Snapshot, Tables, digest_of_text, in_list
from genaiops_assets.retrieval import CHUNKS, CountTokens, chunk_document, embedding_text, token_counter

BATCH = 200  # documents
COLUMNS = ["id", "title", "text", "text_hash", "source", "license", "first_seen"]
Row = dict[str, Any]


def work(job: Job) -> dict[str, Any]:
    tables = job.lake().tables
    corpus = Snapshot(**job.inputs["corpus"])
    base = Snapshot(**job.inputs["base"]) if job.inputs["base"] else None
    count_tokens = token_counter(job.inputs["embedder"]["path"])
    done = fresh = 0
    with RowWriter(job.resume / "chunks.parquet", CHUNKS) as writer:
        for batch in (part.to_pylist() for part in tables.batches(corpus, COLUMNS, size=BATCH)):
            known = chunks_of(tables, base, [document["id"] for document in batch])
            for document in batch:
                kept = known.get((document["id"], document["text_hash"]), [])
                rows: Iterator[Row]
                if kept and kept[0]["title"] == document["title"]:
                    rows = (row | facts_of(document) for row in kept)
                else:
                    fresh += 1
                    rows = cut(document, count_tokens, job.config)
                for row in rows:
                    writer.write(row)
            done += len(batch)
            job.progress("documents cut into passages", done, corpus.rows)
    return {"documents": done, "chunked_now": fresh}


def chunks_of(tables: Tables, base: Snapshot | None, documents: list[str]) -> dict[tuple[str, str], list[Row]]:
    """(document, text hash) → its passages of the last chunking, as it wrote them."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in tables.rows(base, CHUNKS.names, in_list("doc_id", documents)) if base else ():
        found.setdefault((row["doc_id"], row["parent_hash"]), []).append(row)
    return found


def facts_of(document: Row) -> Row:
    return {name: document[name] for name in ("source", "license", "first_seen")}


def cut(document: Row, count_tokens: CountTokens, config: dict[str, int]) -> Iterator[Row]:
    title = document["title"]
    for chunk in chunk_document(document["id"], document["text"], title=title, count_tokens=count_tokens, **config):
        row = asdict(chunk)
        row["id"] = row.pop("chunk_id")
        embed_hash = digest_of_text(embedding_text(chunk, title))
        yield {
            **row,
            **facts_of(document),
            "title": title,
            "parent_hash": document["text_hash"],
            "embed_hash": embed_hash,
        }


if __name__ == "__main__":
    run_payload(work)
