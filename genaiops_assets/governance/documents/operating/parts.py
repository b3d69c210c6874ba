"""The parts a written document is put together from: a person's words, facts, a list, a table, a fixed sentence.

Belongs here: their JSON, and a value as people read it in either language. Does not belong here: which parts a document
has (its own file), headings and sentences (`templates/labels_operating.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from genaiops_assets.evidence import (
    Evidence,
    claim,
    escape_part,
    find_claims,
    has,
    is_claim,
    md,
    plain,
    resolve_pointer,
)
from genaiops_assets.governance.evaluation_page import called

Part = dict[str, Any]
Claims = Mapping[str, Mapping[str, Any]]
NOTHING = "–"
ARTICLE = re.compile(r"(?P<kind>article|annex)-(?P<name>[0-9IVX]+(?:\.[0-9a-z]+)*)")
HEADING = "__"  # within the label of a part's heading
CALLED = "called"  # key of a name that the evaluation page has a word for
KNOWN = ("value", "risk_class")  # kinds of words that labels know
BOTH = {"en", "zh"}  # keys of a text that is there in either language


def said(name: str, section: Mapping[str, Any]) -> Part:
    """A section that a person wrote, or its named gap."""
    return {"id": name, "kind": "said", "text": dict(section)}


def facts(name: str, claims: Claims) -> Part:
    """Single figures with their sources: label → claim."""
    return {"id": name, "kind": "facts", "claims": {key: dict(made) for key, made in claims.items()}}


def listed(name: str, claims: Iterable[Mapping[str, Any]]) -> Part:
    """Sentences of others, one claim each."""
    return {"id": name, "kind": "list", "items": [dict(made) for made in claims]}


def table(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Part:
    """A row is one claim whose value holds the columns, or {column: claim, text or number} with such a claim as "row"
    where there is one; what it holds besides the columns is kept and not shown."""
    return {"id": name, "kind": "table", "columns": list(columns), "rows": [dict(row) for row in rows]}


def form(name: str, fields: Mapping[str, Any]) -> Part:
    """Lines to be filled in by whoever uses the form: label → what is known before, or ""."""
    return {"id": name, "kind": "form", "fields": dict(fields)}


def note(name: str) -> Part:
    """A heading with its fixed sentence alone."""
    return {"id": name, "kind": "note"}


def each(evidence: Evidence | None, pointer: str) -> list[dict[str, Any]]:
    """Every entry of a list, or of a mapping by its key, as a claim of its own; none where it is not there."""
    if evidence is None or not has(evidence, pointer):
        return []
    found = resolve_pointer(evidence.document, pointer)
    places = found if isinstance(found, Mapping) else range(len(found))
    return [claim(evidence, f"{pointer}/{escape_part(str(place))}") for place in places]


def some(evidence: Evidence | None, pointers: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """{name: claim} of those pointers that lead somewhere."""
    return {name: claim(evidence, p) for name, p in pointers.items() if evidence is not None and has(evidence, p)}


def value_of(value: Any) -> Any:
    """What a claim says; anything else as it is."""
    return value["value"] if is_claim(value) else value


def cells(part: Part, t: Mapping[str, Markup]) -> list[list[Any]]:
    """The shown cells of a table, row by row."""
    return [[cell(fields_of(row).get(column), t) for column in part["columns"]] for row in part["rows"]]


def fields_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a row holds by column: the fields of the claim it is, or of the claim under "row" beside its own."""
    return row["value"] if is_claim(row) else {**(row["row"]["value"] if "row" in row else {}), **row}


def cell(value: Any, t: Mapping[str, Markup]) -> Any:
    """A value in words of the page's language: known words by their label, the rest as it was written."""
    value = value_of(value)
    if value is None or value == "" or value == []:
        return Markup(NOTHING)
    if isinstance(value, bool):
        return t["yes" if value else "no"]
    if isinstance(value, str):
        return worded(value, t)
    if isinstance(value, Mapping) and value.keys() == BOTH:
        return md(value[str(t["language_code"])])
    if isinstance(value, Mapping) and value.keys() == {CALLED}:
        return md(called(value[CALLED], str(t["language_code"])))
    if isinstance(value, Sequence):
        return Markup(" · ").join(cell(one, t) for one in value)
    return md(plain(value))


def worded(text: str, t: Mapping[str, Markup]) -> Markup:
    """A word that the labels know (an outcome, a class of risk, the heading of a part) by its label, an article by its
    number, else the text."""
    if number := ARTICLE.fullmatch(text):
        return article(number, t)
    keys = [f"{kind}_{text}" for kind in KNOWN] + ([text] if HEADING in text else [])
    return next((t[key] for key in keys if key in t), md(text))


def article(number: re.Match[str], t: Mapping[str, Markup]) -> Markup:
    """article-50.4 as Article 50(4), annex-XI.1.2 as Annex XI(1)(2); 第 50 条（4）."""
    name, *rest = number["name"].split(".")
    inner = "".join(str(t["article_part"]).format(part) for part in rest)
    return Markup(str(t[f"article_{number['kind']}"]).format(name, inner))


def sources_of(part: Mapping[str, Any]) -> list[str]:
    """`asset@digest` of all that a table rests on, each once."""
    found = (f"{made['asset']}@{made['digest'].rpartition(':')[2][:12]}" for made in find_claims(part["rows"]))
    return list(dict.fromkeys(found))
