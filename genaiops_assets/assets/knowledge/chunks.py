"""Asset `chunks`: the passages of the filtered corpus, measured in tokens of the embedding model."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.corpus import quantiles
from genaiops_assets.evidence import draw_histogram
from genaiops_assets.lake import Lake, Snapshot, Workplace, write_json
from genaiops_assets.orchestration.expectations import expectation_checks
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import phase, writer_pool
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import CHUNKING, EmbeddingModel, embedder_of, passage_room
from genaiops_assets.use_case import UseCase

CHUNK_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "doc_id"}),
    ("ExpectColumnValuesToBeBetween", {"column": "text_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeBetween", {"column": "tokens", "min_value": 1, "max_value": 2048}),
]


def last_chunks(lake: Lake, uc: UseCase, how: dict[str, Any]) -> Snapshot | None:
    """The passages to take over from: those of the last chunking, if it cut documents in the same way."""
    if lake.heads.get(uc.key("chunks")) is None:
        return None
    last = lake.current(uc.key("chunks"))
    facts = last.json("chunks.json")
    return last.snapshot(uc.key("chunks")) if all(facts.get(k) == v for k, v in how.items()) else None


def refuse_cut_passages(embedder: EmbeddingModel, chunk_tokens: int) -> None:
    """Raises dg.Failure where passages may be longer than what the embedder reads: the rest would be in no vector."""
    room = passage_room(embedder)
    if room is not None and chunk_tokens > room:
        raise dg.Failure(
            f"knowledge.chunk_tokens is {chunk_tokens}, but {embedder.ref} reads {room} tokens of a passage (beside "
            "its "
            f"marks and prompt); the rest would be in no vector: set it to at most {room}",
            metadata={"permanent": True},
            allow_retries=False,
        )


def preview(lake: Lake, snapshot: Snapshot) -> list[dict[str, Any]]:
    rows = lake.tables.read(snapshot, ["id", "doc_id", "position", "heading", "tokens"]).slice(0, 12)
    return rows.to_pylist()


def chunk_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "knowledge")

    @asset(
        kinds={"lance"},
        pool=writer_pool(uc),
        reads=["filtered_corpus"],
        gates=["privacy_record"],
        code_version="3",
        description="Passages along headings, paragraphs, lists and sentences, measured in tokens of the embedding "
        "model; ids come from content.",
    )
    def chunks(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        corpus = making.read("filtered_corpus")
        embedder = embedder_of(lake, uc)
        config = {"max_tokens": uc.knowledge.chunk_tokens, "overlap_tokens": uc.knowledge.overlap_tokens}
        how = {**config, "embedder": embedder.directory, "chunking": CHUNKING}
        refuse_cut_passages(embedder, uc.knowledge.chunk_tokens)

        def build(place: Workplace) -> Built:
            last = last_chunks(lake, uc, how)
            inputs = {
                "corpus": corpus.snapshot(uc.key("filtered_corpus")).to_dict(),
                "base": last.to_dict() if last else None,
                "embedder": asdict(embedder),
            }
            counts = making.launch(place, "chunk_documents", inputs, config)
            change = lake.tables.sync(uc.key("chunks"), place.scratch / "chunks.parquet")
            tokens = lake.tables.read(change.snapshot, ["tokens"]).column("tokens").to_pylist()
            figures = {**counts, "tokens": quantiles(tokens)}
            facts = {**config, **how, "documents": counts["documents"], "tokens": quantiles(tokens)}
            write_json(place.staging / "chunks.json", facts)
            draw_histogram(
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

        return making.produce(build, config=config, also={"embedder": embedder.directory})

    return [chunks, *expectation_checks(uc, "chunks", CHUNK_SUITE)]
