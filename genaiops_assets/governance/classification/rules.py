"""The rules of one jurisdiction, read from data.

Belongs here: reading `rules/*.yaml`, and from which day a duty applies. Does not belong here: any threshold, date or
duty (they are data), what follows for a use case (`facts.py`, `owing.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.governance.compliance import belongs_to, every_article

HERE = "genaiops_assets.governance.classification"


class UnknownJurisdiction(GenaiopsError, ValueError):
    """A use case names a jurisdiction of which there are no rules."""


@dataclass(frozen=True)
class Duty:
    """Who owes what: all of `when` hold (a tuple within it: any of them); `assets` carry it."""

    id: str
    articles: tuple[str, ...]
    when: tuple[str | tuple[str, ...], ...]
    assets: tuple[str, ...]
    text: Mapping[str, str]


@cache
def rules_of(jurisdiction: str) -> dict[str, Any]:
    """The file of a jurisdiction as it stands. Raises UnknownJurisdiction naming those there are."""
    if jurisdiction not in jurisdictions():
        known = ", ".join(jurisdictions())
        raise UnknownJurisdiction(f"there are no rules of the jurisdiction {jurisdiction!r}; there are: {known}")
    found: dict[str, Any] = yaml.safe_load(_folder().joinpath(f"{jurisdiction}.yaml").read_text("utf-8"))
    return found


@cache
def jurisdictions() -> tuple[str, ...]:
    return tuple(sorted(f.name.removesuffix(".yaml") for f in _folder().iterdir() if f.name.endswith(".yaml")))


@cache
def duties(jurisdiction: str) -> tuple[Duty, ...]:
    return tuple(
        Duty(
            one["id"],
            tuple(one["articles"]),
            tuple(tuple(c) if isinstance(c, list) else c for c in one["when"]),
            tuple(one["assets"]),
            {language: one[language] for language in ("en", "zh")},
        )
        for one in rules_of(jurisdiction)["duties"]
    )


@cache
def document_assets() -> tuple[str, ...]:
    """Every asset of the platform that is a document or a record somebody may owe."""
    return tuple(yaml.safe_load(files(HERE).joinpath("documents.yaml").read_text("utf-8"))["assets"])


def applies_from(article: str, jurisdiction: str, first_placed_on: date | None) -> date:
    """The day an article applies from; later for what was on the market before a day the rules name.

    Raises KeyError naming an article that the register does not have."""
    for rule in rules_of(jurisdiction)["later"]:
        covered = any(belongs_to(article, one) for one in rule["articles"])
        if covered and first_placed_on and first_placed_on < date.fromisoformat(rule["placed_before"]):
            return date.fromisoformat(rule["from"])
    return date.fromisoformat(every_article()[article].applies_from)


def dates_passed(jurisdiction: str, today: date) -> list[str]:
    """Every day of the rules that is not later than today: as long as it stays the same list, so does a
    classification."""
    days: Iterable[str] = (entry.applies_from for entry in every_article().values())
    later = (rule["from"] for rule in rules_of(jurisdiction)["later"])
    return sorted({day for day in (*days, *later) if date.fromisoformat(day) <= today})


def _folder() -> Any:
    return files(HERE).joinpath("rules")
