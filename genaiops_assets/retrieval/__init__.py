"""Retrieval: documents to passages, passages to vectors, questions to passages. No Dagster."""

from genaiops_assets.retrieval.chunking import Chunk, chunk_document, embedding_text
from genaiops_assets.retrieval.embedding import Embedder, SentenceEmbedder, token_counter
from genaiops_assets.retrieval.search import CHUNKS, Index, Passage, documents_of, exact_nearest, index_recall, index_schema

__all__ = [
    "CHUNKS", "Chunk", "Embedder", "Index", "Passage", "SentenceEmbedder", "chunk_document", "documents_of", "embedding_text", "exact_nearest",
    "index_recall", "index_schema", "token_counter",
]  # fmt: skip
