"""Retrieval: documents to passages, passages to vectors, questions to passages. No Dagster."""

from genaiops_assets.retrieval.agreement import Agreement, agreement, exact_nearest, kth_similarity, measured, probes_of, vectors_of
from genaiops_assets.retrieval.chunking import Chunk, chunk_document, embedding_text
from genaiops_assets.retrieval.embedding import Embedder, EmbeddingRefused, SentenceEmbedder, token_counter
from genaiops_assets.retrieval.fusion import blended, fused
from genaiops_assets.retrieval.index_choice import Candidate, Choice, Limits, arrange, choose, label_of, needs_care
from genaiops_assets.retrieval.models import (
    EmbeddingModel,
    RerankingModel,
    embedder_of,
    open_embedder,
    open_reranker,
    open_retriever,
    reranker_of,
)
from genaiops_assets.retrieval.parts import parts_of
from genaiops_assets.retrieval.search import (
    ANYTHING,
    CHUNKS,
    MODES,
    Index,
    Mode,
    Only,
    Passage,
    Retriever,
    Search,
    documents_of,
    index_schema,
    telling,
    terms_column,
)
from genaiops_assets.retrieval.terms import search_terms

__all__ = [
    "ANYTHING", "CHUNKS", "MODES", "Agreement", "Candidate", "Choice", "Chunk", "Embedder", "EmbeddingModel", "EmbeddingRefused", "Index", "Limits", "Mode", "Only", "Passage", "RerankingModel", "Retriever",
    "Search", "SentenceEmbedder", "agreement", "arrange", "blended", "choose", "chunk_document", "documents_of", "embedder_of", "embedding_text", "exact_nearest", "fused",
    "index_schema", "kth_similarity", "label_of", "measured", "needs_care", "open_embedder", "open_reranker", "open_retriever", "parts_of", "probes_of", "reranker_of", "search_terms", "telling", "terms_column", "token_counter", "vectors_of",
]  # fmt: skip
