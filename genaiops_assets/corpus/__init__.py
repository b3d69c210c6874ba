"""The corpus: reading sources, documents with rights, filtering by recipe with a reason for every row, figures. No Dagster."""

from genaiops_assets.corpus.documents import Feed, Ingested, ingest
from genaiops_assets.corpus.filtering import Engine, Row, filtered_row, ledger_row, quarantine_ledger_row, run_recipe
from genaiops_assets.corpus.profile import (
    LEXICAL_DEFINITION,
    GroupMentions,
    Sample,
    domain_of,
    domains_by_volume,
    duplication,
    entropy,
    lexical_diversity,
    mtld,
)
from genaiops_assets.corpus.read import Problem, Record, files_of, format_of, read_file
from genaiops_assets.corpus.recipe import Operator, RecipeError, check_names, load_recipe
from genaiops_assets.corpus.schemas import DOCUMENTS, FILTERED, OUTCOMES, QUARANTINE, ROW_LEDGER
from genaiops_assets.corpus.statistics import Description, as_frame, describe, funnel, length_histogram, quantiles, shares, text_lengths
from genaiops_assets.corpus.word_counts import word_counts

__all__ = [
    "DOCUMENTS",
    "FILTERED",
    "LEXICAL_DEFINITION",
    "OUTCOMES",
    "QUARANTINE",
    "ROW_LEDGER",
    "Description",
    "Engine",
    "Feed",
    "GroupMentions",
    "Ingested",
    "Operator",
    "Problem",
    "RecipeError",
    "Record",
    "Row",
    "Sample",
    "as_frame",
    "check_names",
    "describe",
    "domain_of",
    "domains_by_volume",
    "duplication",
    "entropy",
    "files_of",
    "filtered_row",
    "format_of",
    "funnel",
    "ingest",
    "ledger_row",
    "length_histogram",
    "lexical_diversity",
    "load_recipe",
    "mtld",
    "quantiles",
    "quarantine_ledger_row",
    "read_file",
    "run_recipe",
    "shares",
    "text_lengths",
    "word_counts",
]  # fmt: skip
