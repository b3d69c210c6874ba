"""The packaged list of insults and swear words, English and Chinese.

Belongs here: reading the list. Does not belong here: what a text that holds one of them is worth (`corpus` filters by
their share, `evaluation` looks for any of them)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

PACKAGED_WORDS = Path(__file__).with_name("flagged_lists")


@cache
def flagged_words(language: str) -> tuple[str, ...]:
    """In the order of the file; none for a language it does not know."""
    lists = json.loads((PACKAGED_WORDS / "flagged_words.json").read_text("utf-8"))
    return tuple(lists.get(language, ()))
