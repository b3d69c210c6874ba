"""Passages: what a search returns, and how passages appear in logs and prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SHOWN = ["id", "doc_id", "title", "heading", "text"]


@dataclass(frozen=True)
class Passage:
    id: str
    doc_id: str
    title: str
    heading: str
    text: str
    score: float  # cosine similarity, however the passage was found

    @property
    def quoted(self) -> str:
        """The passage as a model reads it."""
        return f"{self.title}\n{self.text}" if self.title else self.text


def passage_of(row: Mapping[str, Any], score: float) -> Passage:
    return Passage(row["id"], row["doc_id"], row["title"], row["heading"], row["text"], score)


def documents_of(passages: Iterable[Passage]) -> list[str]:
    """Their documents, best first, each once."""
    return list(dict.fromkeys(p.doc_id for p in passages))
