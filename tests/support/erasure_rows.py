"""Rows for tests of erasure: documents, passages, pairs, outputs and interactions, in the shapes of their tables. Holds
no tests."""

from __future__ import annotations

from typing import Any

from genaiops_assets.lake import digest_of_text
from genaiops_assets.retrieval import Limits, arrange, label_of, terms_column
from tests.support.lakes import V1

Row = dict[str, Any]


def document(row_id: str, text: str, source: str = "inbox", origin: str = "drop.jsonl:1", title: str = "Fees") -> Row:
    rights = {
        "license": "CC0-1.0",
        "owner": "Bank",
        "rights_basis": "own_work",
        "personal_data": "none",
        "first_seen": 1,
    }
    return {
        "id": row_id,
        "source": source,
        "origin": origin,
        "title": title,
        "text": text,
        "text_hash": digest_of_text(text),
    } | rights


def chunk(doc: Row) -> Row:
    return {
        "id": f"{doc['id']}#0",
        "doc_id": doc["id"],
        "position": 0,
        "start": 0,
        "end": len(doc["text"]),
        "title": doc["title"],
        "heading": doc["title"],
        "text": doc["text"],
        "tokens": 20,
        "parent_hash": doc["text_hash"],
        "embed_hash": digest_of_text(doc["text"]),
    }


def index_rows(chunks: list[Row]) -> list[Row]:
    said = [terms_column(c["title"], c["heading"], c["text"]) for c in chunks]
    return [
        {**c, "model": "m", "terms": terms, "vector": [float(n), 1.0]}
        for n, (c, terms) in enumerate(zip(chunks, said, strict=True))
    ]


def indexed(table: Any) -> str:
    """As the platform indexes: for full-text search too, whose files hold the words."""
    arrange(table, Limits(min_recall=0.95, max_latency_ms=1000, memory_gib=1))
    return label_of(table, 0)


def pair(row_id: str, doc_id: str, passages: list[str], chosen: str) -> Row:
    scores = {"score_chosen": 1.0, "score_rejected": 0.0, "by": "judge", "origin": "corpus"}
    return {
        "id": row_id,
        "doc_id": doc_id,
        "question": "What is the rule?",
        "passages": passages,
        "chosen": chosen,
        "rejected": "No idea.",
    } | scores


def output(item: str, cell: str, answer: str, passages: list[str]) -> Row:
    return {"id": f"{item}/{cell}", "item": item, "cell": cell, "split": "dev", "answer": answer, "passages": passages}


def interaction(row_id: str, question: str, answer: str, passages: list[str]) -> Row:
    facts = {
        "at": "2026-01-05T10:00:00+00:00",
        "day": "2026-01-05",
        "channel": "ask",
        "gen_ai_response_model": V1,
        "retain_until": "2099-01-01",
    }
    return {"id": row_id, "question": question, "answer": answer, "passages": passages, "masked": ""} | facts
