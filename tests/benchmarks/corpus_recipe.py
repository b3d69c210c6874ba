"""The recipe of the corpus benchmark, and the word list it needs. Holds no benchmark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.generator import SWEARS

OPERATORS = (
    "fix_unicode_mapper", "whitespace_normalization_mapper", "punctuation_normalization_mapper", "clean_html_mapper", "clean_links_mapper",
    "clean_email_mapper", "text_length_filter", "words_num_filter", "language_id_score_filter", "flagged_words_filter",
    "special_characters_filter", "character_repetition_filter", "word_repetition_filter", "document_deduplicator", "document_minhash_deduplicator",
)  # fmt: skip


def write_recipe(folder: Path) -> Path:
    """`recipe.yaml` with `words/flagged_words.json` beside it."""
    words = folder / "words"
    words.mkdir(parents=True, exist_ok=True)
    (words / "flagged_words.json").write_text(json.dumps({"en": list(SWEARS)}, ensure_ascii=False), encoding="utf-8")
    special: dict[str, dict[str, Any]] = {
        "flagged_words_filter": {"lang": "en", "flagged_words_dir": str(words)},
        "language_id_score_filter": {"lang": ["en", "zh"], "min_score": 0.5},
        "special_characters_filter": {"max_ratio": 0.4},
    }
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        yaml.safe_dump({"process": [{name: special.get(name)} for name in OPERATORS]}, sort_keys=False),
        encoding="utf-8",
    )
    return recipe
