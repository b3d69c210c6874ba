"""The register: articles, lifecycle rows and parts of frameworks, read from data.

Belongs here: reading those files and asking what applies on a day. Does not belong here: any article, date or title
(`*.yaml`), or what carries them (`coverage.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

HERE = "genaiops_assets.governance.compliance"
FILES = {"articles": "articles", "rows": "lifecycle", "frameworks": "frameworks"}  # list in a document → its file
LISTS = {"articles": "articles", "rows": "rows", "frameworks": "parts"}


@dataclass(frozen=True)
class Asked:
    """One thing that is asked for. `carried_by`: lists of `assets`, `articles`, `phases`, `smactr`, any of which
    carries it; `records`: kinds of people's records that have to be there; `applies_from`: "" for no law."""

    id: str
    title: Mapping[str, str]
    source: str
    checked_on: str
    carried_by: Mapping[str, tuple[str, ...]]
    records: tuple[str, ...] = ()
    phase: str = ""
    applies_from: str = ""
    whose: Mapping[str, str] | None = None


@cache
def register() -> dict[str, tuple[Asked, ...]]:
    """{"articles": …, "rows": …, "frameworks": …}, in the order of their files."""
    return {name: tuple(read(name)) for name in FILES}


@cache
def every_article() -> dict[str, Asked]:
    """All articles and points of annexes that may be cited, by id: those an asset may carry, and those that define,
    set dates or give powers."""
    return {entry.id: entry for entry in (*read("articles"), *read("articles", "cited"))}


def read(name: str, part: str = "") -> Iterable[Asked]:
    """The entries of a file: of its own list, or of `part`."""
    content = yaml.safe_load(files(HERE).joinpath(f"{FILES[name]}.yaml").read_text("utf-8"))
    for entry in content[part or LISTS[name]]:
        yield asked(name, entry, content)


def asked(name: str, entry: Mapping[str, Any], file: Mapping[str, Any]) -> Asked:
    """One entry; a file that names a source by a key, or a duty by one, has them spelled out."""
    law = name == "articles"
    source = file["sources"][entry["source"]] if "source" in entry else file["source"]
    by = {part: tuple(entry.get(part, ())) for part in ("assets", "articles", "phases", "smactr")}
    return Asked(
        id=entry["id"],
        title={language: entry[language] for language in ("en", "zh")},
        source=source,
        checked_on=entry.get("checked_on", file["checked_on"]),
        carried_by={**by, "articles": (entry["id"],)} if law else by,
        records=tuple(entry.get("records", ())),
        phase=entry.get("phase", ""),
        applies_from=entry["from"] if law else "",
        whose=file["whose"][entry["whose"]] if law else None,
    )


def in_force(today: date) -> list[str]:
    """Ids of the articles that apply on a day."""
    return [entry.id for entry in register()["articles"] if date.fromisoformat(entry.applies_from) <= today]


def belongs_to(tag: str, article: str) -> bool:
    """Whether a tag says this article or a part of it: `article-10.2.f` belongs to `article-10`, not to
    `article-1`."""
    return tag == article or tag.startswith(f"{article}.")


def parts_of(asked: Asked) -> list[Asked]:
    """The entries of the register that lie below an article: of `article-53` those of its letters."""
    if not asked.applies_from:
        return []
    return [entry for entry in register()["articles"] if entry is not asked and belongs_to(entry.id, asked.id)]
