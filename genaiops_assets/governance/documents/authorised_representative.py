"""The authorised representative of a provider outside the Union (AI Act, Art. 54): the mandate, or why there is none.

Belongs here: finding the mandate among people's records, and that one of the two is there. Does not belong here: the
form of a record (`governance/records`), whether the duty exists (regulatory classification)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from genaiops_assets.evidence import claim, has, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.languages import in_the_other_language
from genaiops_assets.governance.documents.owed import CLASSIFIED, is_owed, owed_of, page_context
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME = "authorised_representative"
SECTIONS = ("reason_for_none", "address_and_contact")
MANDATE, PREFIX = "mandate", "representative"  # other mandates, such as for signing, are none of this kind
TOLD = ("id", "title", "holder", "text", "author", "written_on", "expires")
KEEP_YEARS = 10  # Art. 54(3)(b)


class AuthorisedRepresentative(Plain):
    """The mandate of Art. 54, or the reason for none."""

    name = NAME
    phase = "release"
    article = "article-54"
    description = (
        "The written mandate of an authorised representative in the Union, read from a record of kind mandate whose id "
        "begins with `representative`; or a person's reason why none is needed."
    )
    of_version: tuple[str, ...] = ("model_plan", *CLASSIFIED)
    reads: tuple[str, ...] = (*of_version, "records")
    optional: tuple[str, ...] = ("records", *CLASSIFIED)
    pinned: tuple[str, ...] = ("model_plan",)
    page = f"{NAME}.md"
    checks: tuple[Check, ...] = (
        Check("mandate_or_reason", "There is a mandate that holds today, or a person says why none is needed."),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {**uc.section("name", "title", "language"), "sections": read_sections(uc, NAME, SECTIONS)}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_representative(uc, sources)

    def render(self, document: dict[str, Any]) -> str:
        return render_representative(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return in_the_other_language(NAME, document, render_representative)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"mandates": len(document["mandates"]), "owed": is_owed(document["owed"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        return Finding(mandate_problems(document, datetime.now(UTC).date()))


def build_representative(uc: UseCase, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The document as JSON. People's sections: how to reach the representative where there is a mandate, else the
    reason for none."""
    mandates = _mandates(sources["records"].evidence) if "records" in sources else []
    asked = "address_and_contact" if mandates else "reason_for_none"
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": claim(sources["model_plan"].evidence, "/model_version"),
        "owed": owed_of(sources, NAME),
        "mandates": mandates,
        asked: read_sections(uc, NAME, SECTIONS)[asked],
        "keep_years": KEEP_YEARS,
    }


def _mandates(records: Any) -> list[dict[str, Any]]:
    return [
        {n: claim(records, f"/records/{place}/{n}") for n in TOLD if has(records, f"/records/{place}/{n}")}
        for place, record in enumerate(claim(records, "/records")["value"])
        if record["kind"] == MANDATE and record["id"].startswith(PREFIX)
    ]


def render_representative(document: Mapping[str, Any], language: str) -> str:
    return render_template("authorised_representative.md.j2", page_context(document, language))


def mandate_problems(document: Mapping[str, Any], today: date) -> list[str]:
    """Why neither a mandate nor a reason stands here on this day."""
    if not document["mandates"]:
        return ["neither a mandate nor a reason for none"] if "gap" in document["reason_for_none"] else []
    ends = [date.fromisoformat(str(mandate["expires"]["value"])) for mandate in document["mandates"]]
    problems = [] if max(ends) >= today else [f"the mandate ended on {max(ends)}"]
    return problems + (["no address and contact"] if "gap" in document["address_and_contact"] else [])
