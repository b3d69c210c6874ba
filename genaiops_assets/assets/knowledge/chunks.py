"""Asset `chunks`: the passages of the filtered corpus, measured in tokens of the embedding model."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.corpus import quantiles
from genaiops_assets.evidence import plots
from genaiops_assets.lake import Lake, Snapshot, Workplace, digest_of_text, write_json, write_rows
from genaiops_assets.orchestration.expectations import expectation_checks
from genaiops_assets.orchestration.phases import phase, writer_pool
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.retrieval import (
    CHUNKS,
    chunk_document,
    embedder_of,
    embedding_text,
    token_counter,
)
from genaiops_assets.use_case import UseCase

CHUNK_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "doc_id"}),
    ("ExpectColumnValuesToBeBetween", {"column": "text_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeBetween", {"column": "tokens", "min_value": 1, "max_value": 2048}),
]


def earlier_chunks(lake: Lake, uc: UseCase, config: dict[str, Any]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """doc id → {text hash → chunk rows} of the last chunking when it used the same settings."""
    if lake.heads.get(uc.key("chunks")) is None:
        return {}
    last = lake.current(uc.key("chunks"))
    facts = last.json("chunks.json")
    if any(facts[k] != v for k, v in config.items()):
        return {}
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in lake.tables.read(last.snapshot(uc.key("chunks"))).to_pylist():
        del row["row_hash"]
        found.setdefault(row["doc_id"], {}).setdefault(row["parent_hash"], []).append(row)
    return found


def chunk_rows(
    documents: list[dict[str, Any]], earlier: dict[str, Any], count_tokens: Any, config: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Rows of the chunks table; documents with unchanged text and title keep theirs."""
    for d in documents:
        facts = {name: d[name] for name in ("source", "license", "first_seen")}
        known = earlier.get(d["id"], {}).get(d["text_hash"])
        if known and known[0]["title"] == d["title"]:
            yield from ({**row, **facts} for row in known)
            continue
        for c in chunk_document(d["id"], d["text"], title=d["title"], count_tokens=count_tokens, **config):
            row = asdict(c)
            row["id"] = row.pop("chunk_id")
            yield {
                **row,
                **facts,
                "title": d["title"],
                "parent_hash": d["text_hash"],
                "embed_hash": digest_of_text(embedding_text(c, d["title"])),
            }


def preview(lake: Lake, snapshot: Snapshot) -> list[dict[str, Any]]:
    rows = lake.tables.read(snapshot, ["id", "doc_id", "position", "heading", "tokens"]).slice(0, 12)
    return rows.to_pylist()


def chunk_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "knowledge")

    @asset(
        kinds={"lance"},
        pool=writer_pool(uc),
        deps=["filtered_corpus", "privacy_record"],
        description="Passages along headings, paragraphs, lists and sentences, measured in tokens of the embedding "
        "model; ids come from content.",
    )
    def chunks(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        corpus = lake.current(uc.key("filtered_corpus"))
        embedder = embedder_of(lake, uc)
        config = {"max_tokens": uc.knowledge.chunk_tokens, "overlap_tokens": uc.knowledge.overlap_tokens}

        def build(place: Workplace) -> Built:
            earlier = earlier_chunks(lake, uc, {**config, "embedder": embedder.directory})
            documents = lake.tables.read(corpus.snapshot(uc.key("filtered_corpus"))).to_pylist()
            fresh = [d for d in documents if d["text_hash"] not in earlier.get(d["id"], {})]
            counter = token_counter(embedder.path)
            write_rows(place.scratch / "chunks.parquet", CHUNKS, chunk_rows(documents, earlier, counter, config))
            change = lake.tables.sync(uc.key("chunks"), place.scratch / "chunks.parquet")
            tokens = [r["tokens"] for r in lake.tables.rows(change.snapshot, ["tokens"])]
            figures = {"documents": len(documents), "chunked_now": len(fresh), "tokens": quantiles(tokens)}
            write_json(
                place.staging / "chunks.json",
                {**config, "embedder": embedder.directory, "documents": len(documents), "tokens": quantiles(tokens)},
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

        inputs = {"filtered_corpus": corpus.digest, "embedder": embedder.directory}
        return produce(context, platform, uc, "chunks", inputs=inputs, config=config, code_version="2", build=build)

    return [chunks, *expectation_checks(uc, "chunks", CHUNK_SUITE)]
