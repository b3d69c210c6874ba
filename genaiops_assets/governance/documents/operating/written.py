"""What written documents share: a first line that says whether the law asks for it, parts, and pages in two languages.

Belongs here: the frame. Does not belong here: what any one document says; the parts (`parts.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has, labels, render_template
from genaiops_assets.governance.documents.base import Earlier, Plain, Source
from genaiops_assets.governance.documents.operating.parts import Part, cell, cells, sources_of
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
LANGUAGES = ("en", "zh")
CLASSIFICATION = "regulatory_classification"
TEMPLATE = "written.md.j2"
Said = Mapping[str, dict[str, Any]]


class Written(Plain):
    """A document of parts. A subclass names its sections and gives its parts."""

    phase = "release"
    name: str
    sections: tuple[str, ...] = ()
    both_languages = False

    def settings(self, uc: UseCase) -> dict[str, Any]:
        said = read_sections(uc, self.name, self.sections)
        return {"title": uc.title, "language": uc.language, "said": said, **self.further_settings(uc)}

    def further_settings(self, uc: UseCase) -> dict[str, Any]:
        """What else of the use case file the document depends on."""
        return {}

    @property
    def page(self) -> str:
        return f"{self.name}.md"

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        found = {name: source.evidence for name, source in sources.items()}
        said = read_sections(uc, self.name, self.sections)
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": self.name,
            "use_case": uc.name,
            "title": uc.title,
            "language": uc.language,
            **owed(found.get(CLASSIFICATION), self.name),
            **self.more(uc, found),
            "parts": self.parts(uc, found, said),
        }

    def more(self, uc: UseCase, found: Mapping[str, Evidence]) -> dict[str, Any]:
        """Fields beside the parts, such as the model version."""
        return {}

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said: Said) -> list[Part]:
        raise NotImplementedError(f"{type(self).__name__} has no parts")

    def render(self, document: dict[str, Any]) -> str:
        return render_written(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        others = [language for language in LANGUAGES if language != document["language"]]
        return {f"{self.name}.{other}.md": render_written(document, other) for other in others if self.both_languages}

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        t = labels(document["language"])
        return {
            str(t[heading(document, part)]): shown_rows(part, t)
            for part in document["parts"]
            if part["kind"] == "table"
        }


def owed(classification: Evidence | None, name: str) -> dict[str, Any]:
    """What the classification says of this document, as claims: {"owed": {owed, because, articles}}; `because` in both
    languages where it is there in both. Nothing where it was not classified or does not name it."""
    place = f"/owed/{name}"
    if classification is None or not has(classification, place):
        return {}
    because = "because_in" if has(classification, f"{place}/because_in") else "because"
    fields = {"owed": "owed", "because": because, "articles": "articles"}
    there = {key: f"{place}/{field}" for key, field in fields.items() if has(classification, f"{place}/{field}")}
    return {"owed": {key: claim(classification, pointer) for key, pointer in there.items()}}


def version_of(*evidence: Evidence | None) -> dict[str, Any]:
    """{"model_version": claim} from the first document that names it."""
    for one in evidence:
        if one is not None and has(one, "/model_version"):
            return {"model_version": claim(one, "/model_version")}
    return {}


def heading(document: Mapping[str, Any], part: Part) -> str:
    return f"{document['kind']}__{part['id']}"


def render_written(document: Mapping[str, Any], language: str) -> str:
    """The page as Markdown. Human text stays in the language it was written in, and the page says so."""
    t = labels(language)
    context = {"document": document, "t": t, "language": language, "heading": heading, "cells": cells}
    return render_template(TEMPLATE, {**context, "cell": cell, "sources_of": sources_of})


def shown_rows(part: Part, t: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A table's rows for the UI."""
    names = [str(t[f"column_{column}"]) for column in part["columns"]]
    return [dict(zip(names, map(str, row), strict=True)) for row in cells(part, t)]


def parts_of(document: Mapping[str, Any]) -> dict[str, Part]:
    return {part["id"]: part for part in document["parts"]}


def unsaid(document: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Sections among `names` that nobody wrote."""
    parts = parts_of(document)
    return [parts[name]["text"]["name"] for name in names if "gap" in parts[name]["text"]]


def today() -> date:
    """The day in UTC by which a check asks what is late; a document itself holds no today."""
    return datetime.now(UTC).date()
