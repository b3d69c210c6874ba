"""Operators of a recipe, each in the fastest way that gives Data-Juicer's own result. Nothing heavy is imported before
one is compiled."""

from genaiops_assets.corpus.operators.batch import Batch, Shared
from genaiops_assets.corpus.operators.deduplicators import Duplicates, compile_deduplicator, key_words, who_stays
from genaiops_assets.corpus.operators.filters import Judged, compile_filter
from genaiops_assets.corpus.operators.mappers import compile_mapper

__all__ = [
    "Batch",
    "Duplicates",
    "Judged",
    "Shared",
    "compile_deduplicator",
    "compile_filter",
    "compile_mapper",
    "key_words",
    "who_stays",
]
