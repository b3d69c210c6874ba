"""Pages in both languages from one document.

Belongs here: the names of the pages and which language each is in. Does not belong here: what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

LANGUAGES = ("en", "zh")


def other_language(language: str) -> str:
    return next(other for other in LANGUAGES if other != language)


def in_the_other_language(
    name: str, document: Mapping[str, Any], render: Callable[[Mapping[str, Any], str], str]
) -> dict[str, str]:
    """{"NAME.zh.md": page} beside an English `NAME.md`, and the other way round. People's own words stay as they wrote
    them."""
    other = other_language(document["language"])
    return {f"{name}.{other}.md": render(document, other)}
