"""The corpus: reading sources, documents with rights, filtering by recipe with a reason for every row, figures. No Dagster."""

from genaiops_assets.corpus.decontamination import Contamination, Hit, Item, decide
from genaiops_assets.corpus.documents import Feed, Ingested, ingest
from genaiops_assets.corpus.filtering import Engine, Row, filtered_row, ledger_row, quarantine_ledger_row, run_recipe
from genaiops_assets.corpus.read import Problem, Record, files_of, format_of, read_file
from genaiops_assets.corpus.recipe import Operator, RecipeError, check_names, load_recipe
from genaiops_assets.corpus.schemas import DOCUMENTS, FILTERED, OUTCOMES, QUARANTINE, ROW_LEDGER
from genaiops_assets.corpus.statistics import describe, funnel, quantiles

__all__ = [
    "DOCUMENTS", "FILTERED", "OUTCOMES", "QUARANTINE", "ROW_LEDGER", "Contamination", "Engine", "Feed", "Hit", "Ingested", "Item",
    "Operator", "Problem", "RecipeError", "Record", "Row", "check_names", "decide", "describe", "files_of", "filtered_row",
    "format_of", "funnel", "ingest", "ledger_row", "load_recipe", "quantiles", "quarantine_ledger_row", "read_file", "run_recipe",
]  # fmt: skip
