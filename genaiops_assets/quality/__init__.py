"""Quality: Great Expectations on tables of any size, and its Data Docs as files. No Dagster.

Belongs here: the public names of the package. Does not belong here: which expectations a table must meet (beside the assets).
"""

from genaiops_assets.quality.shift import length_bands, length_counts, length_shift
from genaiops_assets.quality.site import external_references, write_site
from genaiops_assets.quality.suites import Expectation, corpus_suite, document_suite, name_of, schema_names, sentence
from genaiops_assets.quality.validation import Outcome, validate

__all__ = [
    "Expectation", "Outcome", "corpus_suite", "document_suite", "external_references", "length_bands", "length_counts",
    "length_shift", "name_of", "schema_names", "sentence", "validate", "write_site",
]  # fmt: skip
