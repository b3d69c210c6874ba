"""Suites: what the tables of the corpus must meet, as Great Expectations classes with their arguments.

Belongs here: the expectations themselves, their short names and sentences. Does not belong here: how they are
evaluated.

A column `X_characters` is the length of the text column `X`; it stands in for the text, which is never loaded whole.
The columns that `ExpectTableColumnsToMatchSet` compares carry their types: `text: string`."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from genaiops_assets.use_case import UseCase

Expectation = tuple[str, dict[str, Any]]

LICENCE = r"^[A-Za-z0-9.+:()-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+:()-]+)*$"
MAX_CHARACTERS = 2_000_000
KNOWN_LANGUAGES = ["en", "zh", "other"]


def document_suite(schema: pa.Schema) -> list[Expectation]:
    """What every document must meet, whatever the use case."""
    return [*_texts(schema), ("ExpectColumnValuesToNotBeNull", {"column": "owner"})]


def corpus_suite(uc: UseCase, schema: pa.Schema) -> list[Expectation]:
    """What the filtered corpus must meet; shares come from `corpus.quality` of the use case."""
    quality = uc.corpus.quality
    return [
        *_texts(schema),
        ("ExpectColumnValuesToBeUnique", {"column": "text_hash"}),
        (
            "ExpectColumnValuesToBeInSet",
            {"column": "language", "value_set": [uc.language], "mostly": quality.min_language_share},
        ),
        (
            "ExpectColumnValuesToNotBeInSet",
            {"column": "language", "value_set": ["other"], "mostly": round(1 - quality.max_other_share, 6)},
        ),
        (
            "ExpectColumnValuesToMatchRegex",
            {"column": "title", "regex": r"\S", "mostly": round(1 - quality.max_untitled_share, 6)},
        ),
        ("ExpectTableRowCountToBeBetween", {"min_value": quality.min_documents}),
    ]


def _texts(schema: pa.Schema) -> list[Expectation]:
    return [
        ("ExpectTableColumnsToMatchSet", {"column_set": schema_names(schema), "exact_match": True}),
        ("ExpectColumnValuesToNotBeNull", {"column": "id"}),
        ("ExpectColumnValuesToBeUnique", {"column": "id"}),
        ("ExpectColumnValuesToNotBeNull", {"column": "text"}),
        ("ExpectColumnValuesToBeBetween", {"column": "text_characters", "min_value": 1, "max_value": MAX_CHARACTERS}),
        ("ExpectColumnValuesToMatchRegex", {"column": "license", "regex": LICENCE}),
        ("ExpectColumnValuesToBeBetween", {"column": "first_seen", "min_value": 1}),
    ]


def schema_names(schema: pa.Schema) -> list[str]:
    """`name: type` of every column that a table of this schema has, its row hash included; `large_string` counts as
    `string`."""
    fields = {f.name: str(f.type).replace("large_", "") for f in schema}
    return sorted(f"{name}: {kind}" for name, kind in {**fields, "row_hash": "string"}.items())


def name_of(expectation: str, arguments: dict[str, Any]) -> str:
    """`ExpectColumnValuesToBeUnique(column="id")` → `gx_id_values_to_be_unique`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", expectation).lower().replace("k_l_", "kl_").removeprefix("expect_")
    column = arguments.get("column")
    return f"gx_{column}_{words.removeprefix('column_')}" if column else f"gx_{words}"


def sentence(expectation: str, arguments: dict[str, Any]) -> str:
    listed = ", ".join(f"{k} {v}" for k, v in arguments.items() if k not in ("column", "meta", "partition_object"))
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", expectation).lower().replace("k l ", "KL ").removeprefix("expect ")
    of_what, what = arguments.get("column", ""), words.removeprefix("column ")
    return f"Great Expectations: {of_what} {what}{f' ({listed})' if listed else ''}".replace("  ", " ")
