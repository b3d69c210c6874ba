"""Knowledge: passages of the filtered corpus and the index people's questions are answered from."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import dagster as dg

from genaiops_assets import plots
from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.inbox import note_inbox
from genaiops_assets.assets.phases import check, data_gate, notice, phase, writer_pool
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.assets.sources import note_sources, noted_sources
from genaiops_assets.corpus import quantiles
from genaiops_assets.lake import Artifact, Lake, Snapshot, Workplace, digest_of_text, write_json, write_rows
from genaiops_assets.retrieval import (
    CHUNKS,
    Index,
    Limits,
    Search,
    arrange,
    chunk_document,
    embedder_of,
    embedding_text,
    label_of,
    measured,
    needs_care,
    telling,
    token_counter,
)
from genaiops_assets.use_case import UseCase

CHUNK_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "doc_id"}),
    ("ExpectColumnValuesToBeBetween", {"column": "text_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeBetween", {"column": "tokens", "min_value": 1, "max_value": 2048}),
]


class Maintain(dg.Config):
    """`maintain`: compact the table and train its indexes anew, where it changed since that was last done."""

    maintain: bool = False


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
        embedder = embedder_of(lake, uc)
        config = {"max_tokens": uc.knowledge.chunk_tokens, "overlap_tokens": uc.knowledge.overlap_tokens}

        def build(place: Workplace) -> Built:
            earlier = earlier_chunks(lake, uc, {**config, "embedder": embedder.directory})
            documents = lake.tables.read(corpus.snapshot(key_of(uc, "filtered_corpus"))).to_pylist()
            fresh = [d for d in documents if d["text_hash"] not in earlier.get(d["id"], {})]
            counter = token_counter(embedder.path)
            write_rows(place.scratch / "chunks.parquet", CHUNKS, chunk_rows(documents, earlier, counter, config))
            change = lake.tables.sync(key_of(uc, "chunks"), place.scratch / "chunks.parquet")
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

    @asset(
        kinds={"lance", "huggingface"},
        pool=writer_pool(uc),
        deps=["chunks"],
        description="The passages with their vectors and search terms in LanceDB. Only new or changed passages are embedded; the kind of index and how it is asked are chosen by measurement.",
    )
    def embeddings_index(context: dg.AssetExecutionContext, platform: Platform, config: Maintain) -> dg.MaterializeResult:
        lake, name = platform.lake, key_of(uc, "embeddings_index")
        passages = lake.current(key_of(uc, "chunks"))
        embedder = embedder_of(lake, uc)
        renewal = next_renewal(lake, uc) if config.maintain else renewals(lake, uc)
        settings = uc.knowledge.model_dump(mode="json", include={"search", "min_recall", "max_latency_ms", "index_memory_gib"})

        def build(place: Workplace) -> Built:
            last = last_index(lake, uc, embedder.digest)
            base = last.snapshot(name) if last else None
            inputs = {
                "chunks": passages.snapshot(key_of(uc, "chunks")).to_dict(),
                "embedder": asdict(embedder),
                "base": base.to_dict() if base else None,
            }
            counts = platform.launch(context, uc, place, "embed_chunks", inputs, {"batch_size": uc.knowledge.batch_size})
            indexing = Indexing(uc, last.json("index.json") if last else {}, renewal, context.log.info)
            removed = json.loads((place.scratch / "removed.json").read_text())
            change = lake.tables.change(name, base, place.scratch / "index.parquet", removed, indexing.arrange)
            facts = {
                "rows": counts["rows"],
                "width": counts["width"],
                "embedder": embedder.to_dict(),
                "distance": "cosine",
                "search": indexing.search.to_dict(),
                "renewal": renewal,
            }
            write_json(place.staging / "index.json", facts)
            figures = {
                **indexing.choice.chosen.agreement.figures(),
                "index": indexing.search.index,
                "search": indexing.search.mode,
                "bytes_per_vector": round(indexing.choice.chosen.bytes_per_vector, 1),
                "embedded_now": counts["embedded"],
                "reused": counts["reused"],
                "width": counts["width"],
            }
            tried = [c.row() for c in indexing.choice.tried]
            return Built(figures, {"embedder": [embedder.to_dict()], "indexes measured": tried}, (change.snapshot,))

        inputs = {"chunks": passages.digest, "embedder": embedder.digest}
        settings |= {"renewal": renewal} if renewal else {}
        result = produce(context, platform, uc, "embeddings_index", inputs=inputs, config=settings, code_version="2", build=build)
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

    @check(
        uc,
        "embeddings_index",
        blocking=True,
        description="Recall@10 of the index against exact search, on sums of passages, which lie between them as questions do.",
    )
    def index_recall_is_high(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = measured(current_index(platform.lake, uc)).figures()
        recall = found["recall_at_10_against_exact"]
        return data_gate(recall >= uc.knowledge.min_recall, recall_at_10=recall, at_least=uc.knowledge.min_recall, probes=found["probes"])

    @check(uc, "embeddings_index", description="The 95th percentile of one search, as measured when the index was made.")
    def index_is_fast(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        figures = platform.lake.current(key_of(uc, "embeddings_index")).summary["figures"]
        limit = uc.knowledge.max_latency_ms
        return notice(figures["p95_ms"] <= limit, p95_ms=figures["p95_ms"], at_most=limit, index=figures["index"])

    return [
        chunks,
        embeddings_index,
        index_rows_equal_chunks,
        index_recall_is_high,
        index_is_fast,
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


def last_index(lake: Lake, uc: UseCase, embedder: str) -> Artifact | None:
    """The index to build upon: the newest with vectors of the same model and columns as they are now. Mostly the current one; another after the
    use case went back to an earlier model."""
    name = key_of(uc, "embeddings_index")

    def version(index: Artifact) -> int | None:
        facts = index.json("index.json")
        return lake.tables.version(index.snapshot(name)) if facts["embedder"]["digest"] == embedder and "renewal" in facts else None

    if lake.heads.get(name) is None:
        return None
    if version(current := lake.current(name)):
        return current
    others = [(found, index) for digest in lake.artifacts.digests(name) if (found := version(index := lake.artifacts.get(name, digest)))]
    return max(others, key=lambda pair: pair[0])[1] if others else None


def current_index(lake: Lake, uc: UseCase) -> Index:
    """The current index, searched as it was published."""
    return Index.told(lake.tables, telling(lake.current(key_of(uc, "embeddings_index"))))


def renewals(lake: Lake, uc: UseCase) -> int:
    """How often the index was compacted and trained anew by the clock."""
    head = lake.heads.get(key_of(uc, "index_renewal"))
    return int(head["digest"]) if head else 0


def next_renewal(lake: Lake, uc: UseCase) -> int:
    """One more, so that the index is made anew from now on, also by whoever finishes a maintenance that was killed. None is due when the
    index was not changed since the last."""
    now, head = renewals(lake, uc), lake.heads.get(key_of(uc, "embeddings_index"))
    if head is None or not needs_care(current_index(lake, uc).table):
        return now
    lake.heads.put(key_of(uc, "index_renewal"), None, {"digest": str(now + 1)})
    return now + 1


class Indexing:
    """What happens to the table between its last row and its tag."""

    def __init__(self, uc: UseCase, before: dict[str, Any], renewal: int, say: Callable[[str], Any]):
        self.knowledge, self.before, self.renewal, self.say = uc.knowledge, before, renewal, say
        self.limits = Limits(uc.knowledge.min_recall, uc.knowledge.max_latency_ms, uc.knowledge.index_memory_gib)

    def arrange(self, table: Any) -> str:
        renew = self.renewal != self.before.get("renewal", self.renewal)
        before = Search.of(self.before) if self.before else None
        self.choice = arrange(table, self.limits, before=before, renew=renew, say=self.say)
        return label_of(table, self.renewal)

    @property
    def search(self) -> Search:
        """As chosen, in the use case's mode."""
        return replace(self.choice.search, mode=self.knowledge.search)
