"""Asset `embeddings_index`: the passages with vectors and search terms that questions are answered from."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import dagster as dg

from genaiops_assets.corpus import note_inbox, note_sources, noted_sources, read_inbox
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase, writer_pool
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import (
    Index,
    Limits,
    Search,
    arrange,
    embedder_of,
    index_spec,
    label_of,
    measured,
    needs_care,
    passage_room,
    room_is_known,
)
from genaiops_assets.use_case import UseCase


class Maintain(dg.Config):
    """`maintain`: compact the table and train its indexes anew, where it changed since that was last done."""

    maintain: bool = False


def knowledge_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "knowledge")

    @asset(
        kinds={"lance", "huggingface"},
        pool=writer_pool(uc),
        reads=["chunks"],
        code_version="2",
        description="The passages with their vectors and search terms in LanceDB. Only new or changed passages are "
        "embedded; the kind of index and how it is asked are chosen by measurement.",
    )
    def embeddings_index(making: Making, config: Maintain) -> dg.MaterializeResult:
        lake, name = making.lake, uc.key("embeddings_index")
        passages = making.read("chunks")
        embedder = embedder_of(lake, uc)
        renewal = next_renewal(lake, uc) if config.maintain else renewals(lake, uc)
        settings = uc.knowledge.model_dump(
            mode="json", include={"search", "min_recall", "max_latency_ms", "index_memory_gib"}
        )

        def build(place: Workplace) -> Built:
            last = last_index(lake, uc, embedder.digest)
            base = last.snapshot(name) if last else None
            inputs = {
                "chunks": passages.snapshot(uc.key("chunks")).to_dict(),
                "embedder": asdict(embedder),
                "base": base.to_dict() if base else None,
                "room": passage_room(embedder),
            }
            counts = making.launch(place, "embed_chunks", inputs, {"batch_size": uc.knowledge.batch_size})
            indexing = Indexing(uc, last.json("index.json") if last else {}, renewal, making.log.info)
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
                "passages_cut": counts["cut"],
                "width": counts["width"],
            }
            tried = [c.row() for c in indexing.choice.tried]
            return Built(figures, {"embedder": [embedder.to_dict()], "indexes measured": tried}, (change.snapshot,))

        settings |= {"renewal": renewal} if renewal else {}
        result = making.produce(build, config=settings, also={"embedder": embedder.digest})
        if read := read_inbox(lake, uc):
            note_inbox(lake, uc, "indexed", read["digest"])
        if sources := noted_sources(lake, uc, "read"):
            note_sources(lake, uc, "indexed", sources["states"])
        return result

    @check(
        uc, "embeddings_index", blocking=True, description="The index holds exactly the passages, no more and no fewer."
    )
    def index_rows_equal_chunks(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        passages = lake.current(uc.key("chunks")).snapshot(uc.key("chunks"))
        index = lake.current(uc.key("embeddings_index")).snapshot(uc.key("embeddings_index"))
        there = {r["id"] for r in lake.tables.rows(passages, ["id"])}
        found = {r["id"] for r in lake.tables.rows(index, ["id"])}
        return data_gate(
            there == found,
            passages=len(there),
            indexed=len(found),
            missing=len(there - found),
            stale=len(found - there),
        )

    @check(
        uc,
        "embeddings_index",
        blocking=True,
        description="Recall@10 of the index against exact search, on averages of passage vectors, placed like "
        "real questions.",
    )
    def index_recall_is_high(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = measured(current_index(platform.lake, uc)).figures()
        recall = found["recall_at_10_against_exact"]
        return data_gate(
            recall >= uc.knowledge.min_recall,
            recall_at_10=recall,
            at_least=uc.knowledge.min_recall,
            probes=found["probes"],
        )

    @check(
        uc, "embeddings_index", description="The 95th percentile of one search, as measured when the index was made."
    )
    def index_is_fast(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        figures = platform.lake.current(uc.key("embeddings_index")).summary["figures"]
        limit = uc.knowledge.max_latency_ms
        return notice(figures["p95_ms"] <= limit, p95_ms=figures["p95_ms"], at_most=limit, index=figures["index"])

    @check(
        uc,
        "embeddings_index",
        description="No passage is longer than what the embedding model reads of it. An endpoint whose limit nobody "
        "stated (`knowledge.embedding.max_tokens`) cannot pass.",
    )
    def passages_are_read_whole(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        index = platform.lake.current(uc.key("embeddings_index"))
        passages = index.json("index.json")["rows"]
        if not room_is_known(embedder_of(platform.lake, uc)):
            return notice(False, cut="unknown: state knowledge.embedding.max_tokens", passages=passages)
        cut = index.summary["figures"].get("passages_cut", 0)  # earlier versions did not count them
        return notice(cut == 0, cut=cut, passages=passages)

    return [
        embeddings_index,
        index_rows_equal_chunks,
        index_recall_is_high,
        index_is_fast,
        passages_are_read_whole,
    ]


def last_index(lake: Lake, uc: UseCase, embedder: str) -> Artifact | None:
    """The index to build upon: the newest with vectors of the same model and columns as they are now. Mostly the
    current one; another after the use case went back to an earlier model."""
    name = uc.key("embeddings_index")

    def version(index: Artifact) -> int | None:
        facts = index.json("index.json")
        return (
            lake.tables.version(index.snapshot(name))
            if facts["embedder"]["digest"] == embedder and "renewal" in facts
            else None
        )

    if lake.heads.get(name) is None:
        return None
    if version(current := lake.current(name)):
        return current
    others = [
        (found, index)
        for digest in lake.artifacts.digests(name)
        if (found := version(index := lake.artifacts.get(name, digest)))
    ]
    return max(others, key=lambda pair: pair[0])[1] if others else None


def current_index(lake: Lake, uc: UseCase) -> Index:
    """The current index, searched as it was published."""
    return Index.from_spec(lake.tables, index_spec(lake.current(uc.key("embeddings_index"))))


def renewals(lake: Lake, uc: UseCase) -> int:
    """How often the index was compacted and trained anew by the clock."""
    note = lake.notes.get(uc.name, "index_renewal")
    return int(note["digest"]) if note else 0


def next_renewal(lake: Lake, uc: UseCase) -> int:
    """One more, so that the index is made anew from now on, also by whoever finishes a maintenance that was killed.
    None is due when the index was not changed since the last."""
    now, head = renewals(lake, uc), lake.heads.get(uc.key("embeddings_index"))
    if head is None or not needs_care(current_index(lake, uc).table):
        return now
    lake.notes.put(uc.name, "index_renewal", {"digest": str(now + 1)})
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
