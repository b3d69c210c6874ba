"""Gaps: places in a document that only a person can fill, and that nobody has filled yet.

Belongs here: telling a person's text from an empty or a template one, and listing the gaps of a document. Does not
belong here: which sections a document has (`model_card.py`, `datasheet.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Letters in brackets keep these patterns from matching themselves in a search of the code.
PLACEHOLDERS = re.compile(
    r"more information needed|\bT[B]D\b|\bT[O]-?DO\b|\bFIX-?[M]E\b|\bX{3,}\b|lorem ipsum|\[(?:insert|your|fill "
    r"in)\b|<your\b"
    r"|your answer here|\{\{|\}\}|\{%|%\}|待补充|待填写|待完善|在此填写|请在此|此处填写",
    re.IGNORECASE,
)


def placeholders(text: str) -> list[str]:
    """Leftover template text, in order of appearance: "[More Information Needed]", "lorem ipsum", "待补充"."""
    return [match.group(0) for match in PLACEHOLDERS.finditer(text)]


def person_text(text: str | None, name: str) -> dict[str, Any]:
    """A person's words as {"text"}, or {"gap": True, "name"} if there are none or they are template text.

    `name` is where the person would write them, such as "card.limitations".
    """
    cleaned = (text or "").strip()
    return {"gap": True, "name": name} if not cleaned or placeholders(cleaned) else {"text": cleaned}


def find_gaps(document: Any) -> list[str]:
    """The names of all gaps of a JSON document, in document order, each once."""
    return list(dict.fromkeys(_walk(document)))


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value.get("gap") is True:
        yield str(value["name"])
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _walk(inner)
