"""The corpus: reading sources, documents with rights, filtering by recipe with a reason for every row, figures. No Dagster."""

from genaiops_assets.corpus.decontamination import Contamination, Hit, Item, decide
from genaiops_assets.corpus.engine import Walked, texts_after, walk
from genaiops_assets.corpus.filtering import (
    SUFFIX,
    SnapshotDocuments,
    difference,
    erased_rows,
    operator_rows,
    outcome_of,
    quarantine_rows,
    read_frame,
    suffix_of,
    write_filtered,
    write_ledger,
)
from genaiops_assets.corpus.ingest import Ingested, ingest
from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.own import OWN, TEST_ITEMS, decontamination_operator, privacy_operators
from genaiops_assets.corpus.plan import described, engines_of, fields_needed, segments_of
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
from genaiops_assets.corpus.read import FolderWatch, Listing, PrefixWatch, Problem, Record, files_of, format_of, listing_of, read_file
from genaiops_assets.corpus.recipe import Operator, RecipeError, check_names, load_recipe
from genaiops_assets.corpus.rights import Feed
from genaiops_assets.corpus.schemas import DOCUMENTS, ERASED, FILTERED, OUTCOMES, QUARANTINE, RIGHTS, ROW_LEDGER
from genaiops_assets.corpus.seen import Earlier, Seen
from genaiops_assets.corpus.stages import Stages
from genaiops_assets.corpus.statistics import Description, as_frame, describe, funnel, length_histogram, quantiles, shares, text_lengths
from genaiops_assets.corpus.word_counts import word_counts

__all__ = [
    "DOCUMENTS", "ERASED", "FILTERED", "LEXICAL_DEFINITION", "OUTCOMES", "OWN", "QUARANTINE", "RIGHTS", "ROW_LEDGER", "SUFFIX",
    "TEST_ITEMS", "Contamination", "Description", "Earlier", "Feed", "FolderWatch", "GroupMentions", "Hit", "Ingested", "Item", "Listing", "Operator", "PrefixWatch", "Problem",
    "RecipeError", "Record", "Sample", "Seen", "SnapshotDocuments", "Stages", "Walked", "as_frame", "check_names", "decide",
    "decontamination_operator", "describe", "described", "difference", "domain_of", "domains_by_volume", "duplication", "engines_of",
    "entropy", "erased_rows", "fields_needed", "files_of", "format_of", "funnel", "ingest", "juicer", "length_histogram",
    "lexical_diversity", "listing_of", "load_recipe", "mtld", "operator_rows", "outcome_of", "privacy_operators", "quantiles", "quarantine_rows",
    "read_file", "read_frame", "segments_of", "shares", "suffix_of", "text_lengths", "texts_after", "walk", "word_counts", "write_filtered",
    "write_ledger",
]  # fmt: skip
