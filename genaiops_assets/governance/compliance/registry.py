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
    carries it; `records`: kinds of people's records that have to be there; `applies_from`: "" for no law. Of a row:
    `law`: owed only where the law asks for it; `after`: what has to have happened before."""

    id: str
    title: Mapping[str, str]
    source: str
    checked_on: str
    carried_by: Mapping[str, tuple[str, ...]]
    records: tuple[str, ...] = ()
    phase: str = ""
    law: bool = False
    after: str = ""
    applies_from: str = ""
    whose: Mapping[str, str] | None = None


@cache
def register() -> dict[str, tuple[Asked, ...]]:
    """{"articles": …, "rows": …, "frameworks": …}, in the order of their files."""
    return {name: tuple(read(name)) for name in FILES}


@dataclass(frozen=True)
class View:
    """What one role wants to know of the rows: those of some phases, or some by id."""

    id: str
    question: Mapping[str, str]
    rows: tuple[str, ...]
    phases: tuple[str, ...]


@cache
def views() -> tuple[View, ...]:
    """The roles' views of the rows."""
    return tuple(
        View(one["id"], {"en": one["en"], "zh": one["zh"]}, tuple(one.get("rows", ())), tuple(one.get("phases", ())))
        for one in content_of("rows")["views"]
    )


def waits_for(event: str) -> Mapping[str, str]:
    """What has not happened yet, in words by language."""
    found: Mapping[str, str] = content_of("rows")["waits"][event]
    return found


@cache
def people_checks() -> frozenset[str]:
    """Names of checks that wait for a person."""
    return frozenset(content_of("rows")["people"])


@cache
def every_article() -> dict[str, Asked]:
    """All articles and points of annexes that may be cited, by id: those an asset may carry, and those that define,
    set dates or give powers."""
    return {entry.id: entry for entry in (*read("articles"), *read("articles", "cited"))}


def read(name: str, part: str = "") -> Iterable[Asked]:
    """The entries of a file: of its own list, or of `part`."""
    content = content_of(name)
    for entry in content[part or LISTS[name]]:
        yield asked(name, entry, content)


@cache
def content_of(name: str) -> dict[str, Any]:
    """One of the files as it stands."""
    found: dict[str, Any] = yaml.safe_load(files(HERE).joinpath(f"{FILES[name]}.yaml").read_text("utf-8"))
    return found


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
        law=entry.get("law", False),
        after=entry.get("after", ""),
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
