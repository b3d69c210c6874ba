"""Rows of the documents for authorities: what a row asks for, and what answers it from evidence and from people.

Belongs here: reading the table of rows (`technical_fields.yaml`) and filling a row with claims, people's sections or
what is missing. Does not belong here: any document made of rows, how exactly numbers are told (`precision.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.evidence import claim, escape_part, has, person_text
from genaiops_assets.governance.documents.base import Source
from genaiops_assets.governance.documents.hub import is_private
from genaiops_assets.use_case import UseCase

RECIPIENTS = {"A": "ai_office", "N": "national_authority", "D": "downstream"}
RECORD = "training_run_record"


@dataclass(frozen=True)
class Fact:
    """One value a row asks for: its name, and asset and JSON pointer of it. `each`: one value for each entry of a list
    or mapping, of which only `keys` are shown, or `part`, a pointer within the entry. `trained`: asked for only where
    something was trained."""

    name: str
    of: str
    at: str
    each: bool = False
    part: str = ""
    keys: tuple[str, ...] = ()
    trained: bool = False


@dataclass(frozen=True)
class Row:
    """One row of the form. `annex` and `xii`: the letters of Annexes XI and XII it answers; `to`: its recipients."""

    id: str
    section: str
    to: tuple[str, ...]
    en: str
    zh: str
    annex: tuple[str, ...] = ()
    xii: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    precision: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    systemic: bool = False


@cache
def table() -> dict[str, Any]:
    """The whole file: sources, sections, fields."""
    return yaml.safe_load(
        files("genaiops_assets.governance.documents").joinpath("technical_fields.yaml").read_text("utf-8")
    )


@cache
def rows() -> tuple[Row, ...]:
    """All rows in the order of the form."""
    return tuple(_row(stated) for stated in table()["fields"])


def _row(stated: Mapping[str, Any]) -> Row:
    lists = {name: tuple(stated[name]) for name in ("to", "annex", "xii", "said", "content") if name in stated}
    facts = tuple(Fact(**{**fact, "keys": tuple(fact.get("keys", ()))}) for fact in stated.get("facts", ()))
    return Row(**{**stated, **lists, "facts": facts})


def section_names(*, systemic: bool) -> list[str]:
    """Sections that people write for these rows."""
    return list(dict.fromkeys(name for row in rows() for name in row.said if systemic or not row.systemic))


def filled(row: Row, uc: UseCase, sources: Mapping[str, Source], sections: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON: its letters and recipients, and `entries`, each {"name"} with a claim ("made"), a person's words
    or gap ("said"), what lacks ("missing"), or why there can be none ("not_applicable")."""
    entries: list[dict[str, Any]] = []
    for name in row.content:
        entries.append({"name": name, "said": person_text(uc.training_content.told(name), f"training_content.{name}")})
    entries += [{"name": name, "said": sections[name]} for name in row.said]
    entries += [entry for fact in row.facts for entry in _entries(fact, sources)]
    return {
        "id": row.id,
        "section": row.section,
        "annex": list(row.annex),
        "annex_xii": list(row.xii),
        "to": [RECIPIENTS[letter] for letter in row.to],
        "precision": {RECIPIENTS[letter]: form for letter, form in row.precision.items()},
        "entries": entries,
    }


def _entries(fact: Fact, sources: Mapping[str, Source]) -> Iterator[dict[str, Any]]:
    if fact.of not in sources:
        yield {"name": fact.name, "missing": fact.of}
        return
    evidence = sources[fact.of].evidence
    if not has(evidence, fact.at):
        if not (fact.trained and nothing_trained(sources)):
            yield {"name": fact.name, "missing": f"{fact.of}{fact.at}"}
        return
    value = claim(evidence, fact.at)["value"]
    if fact.at == "/ref" and is_private(str(value)):
        return  # a place on somebody's machine; the digest names the model
    if fact.each:
        yield from _each(fact, sources, value)
    elif value is None or value == []:
        absent = {"not_applicable": "nothing_trained"} if nothing_trained(sources) else {"missing": fact.of + fact.at}
        yield {"name": fact.name, **absent}
    else:
        yield {"name": fact.name, "made": claim(evidence, fact.at)}


def _each(fact: Fact, sources: Mapping[str, Source], value: Any) -> Iterator[dict[str, Any]]:
    evidence = sources[fact.of].evidence
    names: Iterable[str] = value if isinstance(value, Mapping) else map(str, range(len(value)))
    for name in names:
        place = f"{fact.at}/{escape_part(name)}"
        entry = {"name": fact.name, "of": name} if isinstance(value, Mapping) else {"name": fact.name}
        if fact.keys:
            shown = [key for key in fact.keys if has(evidence, f"{place}/{key}")]
            kept = [key for key in shown if not _is_a_place(key, evidence, place)]
            yield {**entry, "parts": {key: claim(evidence, f"{place}/{key}") for key in kept}}
        elif not fact.part or has(evidence, f"{place}/{fact.part}"):
            yield {**entry, "made": claim(evidence, f"{place}/{fact.part}" if fact.part else place)}


def _is_a_place(key: str, evidence: Any, place: str) -> bool:
    return key == "ref" and is_private(str(claim(evidence, f"{place}/{key}")["value"]))


def nothing_trained(sources: Mapping[str, Source]) -> bool:
    """Whether this version is the base model as it is."""
    return RECORD in sources and not claim(sources[RECORD].evidence, "/trained")["value"]


def unanswered(row: Mapping[str, Any]) -> list[str]:
    """What a filled row lacks: missing values and people's gaps; an empty row lacks everything."""
    lacking = [entry["missing"] for entry in row["entries"] if "missing" in entry]
    lacking += [entry["said"]["name"] for entry in row["entries"] if "said" in entry and "gap" in entry["said"]]
    return lacking or ([] if row["entries"] else ["nothing stands here"])
