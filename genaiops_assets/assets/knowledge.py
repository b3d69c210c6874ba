"""Knowledge: passages of the filtered corpus and the index people's questions are answered from."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import dagster as dg
import numpy as np

from genaiops_assets import plots
from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.inbox import note_inbox
from genaiops_assets.assets.phases import check, data_gate, phase, writer_pool
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.assets.sources import note_sources, noted_sources
from genaiops_assets.corpus import quantiles
from genaiops_assets.lake import Lake, Snapshot, Workplace, digest_of_text, write_json, write_rows
from genaiops_assets.retrieval import CHUNKS, Index, chunk_document, embedding_text, index_recall, token_counter
from genaiops_assets.use_case import UseCase

CHUNK_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "doc_id"}),
    ("ExpectColumnValuesToBeBetween", {"column": "text_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeBetween", {"column": "tokens", "min_value": 1, "max_value": 2048}),
]
RECALL_PROBES = 50


def knowledge_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "knowledge")

    @asset(
        kinds={"lance"},
        pool=writer_pool(uc),
        deps=["filtered_corpus", "privacy_record"],
        description="Passages along headings, paragraphs, lists and sentences, measured in tokens of the embedding model; ids come from content.",
    )
    def chunks(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        corpus = lake.current(key_of(uc, "filtered_corpus"))
        embedder = lake.resolve(uc.knowledge.embedder, uc.folder)
        config = {"max_tokens": uc.knowledge.chunk_tokens, "overlap_tokens": uc.knowledge.overlap_tokens}

        def build(place: Workplace) -> Built:
            earlier = earlier_chunks(lake, uc, {**config, "embedder": embedder.digest})
            documents = lake.tables.read(corpus.snapshot(key_of(uc, "filtered_corpus"))).to_pylist()
            fresh = [d for d in documents if d["text_hash"] not in earlier.get(d["id"], {})]
            counter = token_counter(embedder.path)
            write_rows(place.scratch / "chunks.parquet", CHUNKS, chunk_rows(documents, earlier, counter, config))
            change = lake.tables.sync(key_of(uc, "chunks"), place.scratch / "chunks.parquet")
            tokens = [r["tokens"] for r in lake.tables.rows(change.snapshot, ["tokens"])]
            figures = {"documents": len(documents), "chunked_now": len(fresh), "tokens": quantiles(tokens)}
            write_json(
                place.staging / "chunks.json",
                {**config, "embedder": embedder.digest, "documents": len(documents), "tokens": quantiles(tokens)},
            )
            plots.histogram(
                place.staging / "views/passage length.png",
                "Length of passages",
                {"passages": tokens},
                xlabel="tokens of the embedding model",
            )
            return Built(
                {**figures, "added": change.added, "removed": change.removed},
                {"first passages": preview(lake, change.snapshot)},
                (change.snapshot,),
            )

        inputs = {"filtered_corpus": corpus.digest, "embedder": embedder.digest}
        return produce(context, platform, uc, "chunks", inputs=inputs, config=config, code_version="1", build=build)

    @asset(
        kinds={"lance", "huggingface"},
        pool=writer_pool(uc),
        deps=["chunks"],
        description="The passages with their vectors in LanceDB. Only new or changed passages are embedded.",
    )
    def embeddings_index(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        passages = lake.current(key_of(uc, "chunks"))
        embedder = lake.resolve(uc.knowledge.embedder, uc.folder)

        def build(place: Workplace) -> Built:
            head = lake.heads.get(key_of(uc, "embeddings_index"))
            previous = lake.current(key_of(uc, "embeddings_index")).snapshot(key_of(uc, "embeddings_index")).to_dict() if head else None
            inputs = {
                "chunks": passages.snapshot(key_of(uc, "chunks")).to_dict(),
                "embedder": asdict(embedder),
                "previous": previous,
            }
            counts = platform.launch(context, uc, place, "embed_chunks", inputs, {"batch_size": uc.knowledge.batch_size})
            change = lake.tables.sync(key_of(uc, "embeddings_index"), place.scratch / "index.parquet")
            recall = measured_recall(lake, change.snapshot)
            facts = {
                "rows": counts["rows"],
                "width": counts["width"],
                "embedder": embedder.to_dict(),
                "distance": "cosine",
                "search": "exact scan",
            }
            write_json(place.staging / "index.json", facts)
            figures = {
                "recall_at_10_against_exact": recall,
                "embedded_now": counts["embedded"],
                "reused": counts["reused"],
                "width": counts["width"],
            }
            return Built(figures, {"embedder": [embedder.to_dict()]}, (change.snapshot,))

        inputs = {"chunks": passages.digest, "embedder": embedder.digest}
        result = produce(context, platform, uc, "embeddings_index", inputs=inputs, config={}, code_version="1", build=build)
        if read := lake.heads.get(key_of(uc, "inbox_read")):
            note_inbox(lake, uc, "indexed", read["digest"])
        if sources := noted_sources(lake, uc, "read"):
            note_sources(lake, uc, "indexed", sources["states"])
        return result

    @check(uc, "embeddings_index", blocking=True, description="The index holds exactly the passages, no more and no fewer.")
    def index_rows_equal_chunks(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        passages = lake.current(key_of(uc, "chunks")).snapshot(key_of(uc, "chunks"))
        index = lake.current(key_of(uc, "embeddings_index")).snapshot(key_of(uc, "embeddings_index"))
        there = {r["id"] for r in lake.tables.rows(passages, ["id"])}
        found = {r["id"] for r in lake.tables.rows(index, ["id"])}
        return data_gate(there == found, passages=len(there), indexed=len(found), missing=len(there - found), stale=len(found - there))

    @check(uc, "embeddings_index", blocking=True, description="Recall@10 of the index against exact search on its own passages.")
    def index_recall_is_high(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        index = platform.lake.current(key_of(uc, "embeddings_index")).snapshot(key_of(uc, "embeddings_index"))
        recall = measured_recall(platform.lake, index)
        return data_gate(recall >= uc.knowledge.min_recall, recall_at_10=recall, at_least=uc.knowledge.min_recall, probes=RECALL_PROBES)

    return [
        chunks,
        embeddings_index,
        index_rows_equal_chunks,
        index_recall_is_high,
        *expectation_checks(uc, "chunks", CHUNK_SUITE),
    ]


def earlier_chunks(lake: Lake, uc: UseCase, config: dict[str, Any]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """doc id → {text hash → chunk rows} of the last chunking when it used the same settings."""
    if lake.heads.get(key_of(uc, "chunks")) is None:
        return {}
    last = lake.current(key_of(uc, "chunks"))
    facts = last.json("chunks.json")
    if any(facts[k] != v for k, v in config.items()):
        return {}
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in lake.tables.read(last.snapshot(key_of(uc, "chunks"))).to_pylist():
        del row["row_hash"]
        found.setdefault(row["doc_id"], {}).setdefault(row["parent_hash"], []).append(row)
    return found


def chunk_rows(
    documents: list[dict[str, Any]], earlier: dict[str, Any], count_tokens: Any, config: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Rows of the chunks table; documents with unchanged text and title keep theirs."""
    for d in documents:
        known = earlier.get(d["id"], {}).get(d["text_hash"])
        if known and known[0]["title"] == d["title"]:
            yield from known
            continue
        for c in chunk_document(d["id"], d["text"], title=d["title"], count_tokens=count_tokens, **config):
            row = asdict(c)
            row["id"] = row.pop("chunk_id")
            yield {
                **row,
                "title": d["title"],
                "parent_hash": d["text_hash"],
                "embed_hash": digest_of_text(embedding_text(c, d["title"])),
            }


def preview(lake: Lake, snapshot: Snapshot) -> list[dict[str, Any]]:
    rows = lake.tables.read(snapshot, ["id", "doc_id", "position", "heading", "tokens"]).slice(0, 12)
    return rows.to_pylist()


def measured_recall(lake: Lake, snapshot: Snapshot) -> float:
    """Recall@10 with evenly spaced passages as questions."""
    table = lake.tables.read(snapshot, ["id", "vector"])
    vectors = np.array(table.column("vector").to_pylist(), dtype=np.float32)
    probes = vectors[:: max(1, len(vectors) // RECALL_PROBES)][:RECALL_PROBES]
    return round(index_recall(Index(lake.tables, snapshot), table.column("id").to_pylist(), vectors, probes), 4)
