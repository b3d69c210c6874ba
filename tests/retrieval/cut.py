"""Chunks of a text by simple counters. Holds no tests."""

from genaiops_assets.retrieval import Chunk, chunk_document
from genaiops_assets.text import words


def count_words(texts: list[str]) -> list[int]:
    return [len(words(text)) + 2 for text in texts]


def chunks_of(
    text: str, max_tokens: int = 40, overlap_tokens: int = 0, title: str = "Guide", doc_id: str = "doc_1"
) -> list[Chunk]:
    return chunk_document(
        doc_id, text, title=title, count_tokens=count_words, max_tokens=max_tokens, overlap_tokens=overlap_tokens
    )


def covered(text: str, chunks: list[Chunk]) -> bool:
    covered = {i for chunk in chunks for i in range(chunk.start, chunk.end)}
    return all(i in covered or character.isspace() for i, character in enumerate(text))
