"""The copyright record of a model version (AI Act, Art. 53(1)(c)): the policy, the measures of the Code's copyright
chapter, and for each source what its rights rest on and what was left out.

Belongs here: putting that together and finding sources without a basis. Does not belong here: refusing a source at the
door (`corpus/rights.py`), erasing what was opted out (`governance/erasure`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import claim, has, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.content_classes import SECTIONS as CLASS_SECTIONS
from genaiops_assets.governance.documents.content_classes import classes_of
from genaiops_assets.governance.documents.hub import is_private
from genaiops_assets.governance.documents.languages import in_the_other_language
from genaiops_assets.governance.documents.owed import CLASSIFIED, owed_of, page_context
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME = "copyright_record"
SOURCE = "Code of Practice for general-purpose AI (10 July 2025), Copyright chapter, Measures 1.1 to 1.5"
CHECKED_ON = "2026-11-23"
MEASURES = {  # measure → section of dossier/copyright_record.yaml
    "1.1": "policy",
    "1.2": "lawful_access",
    "1.3": "reservations",
    "1.4": "outputs",
    "1.5": "complaints",
}
TOLD = (
    *("name", "ref", "license", "owner", "rights_basis", "lawful_access_basis"),
    *("robots", "tdm_signals", "refused", "documents"),
)
DROPPED = ("rows_read", "documents", "quarantined", "superseded", "erased")


class CopyrightRecord(Plain):
    """Policy, measures 1.1 to 1.5, rights and opt-outs of each source."""

    name = NAME
    phase = "release"
    article = "article-53.1.c"
    description = (
        "The copyright policy in people's words, the five measures of the Code of Practice, and for each source of the "
        "version's corpus: licence, rights basis, robots.txt and reservations, what was left out and what was erased."
    )
    of_version: tuple[str, ...] = ("model_plan", *CLASSIFIED)
    reads: tuple[str, ...] = (*of_version, "filtered_corpus", "documents")
    optional: tuple[str, ...] = CLASSIFIED
    pinned: tuple[str, ...] = ("model_plan", "filtered_corpus", "documents")
    page = f"{NAME}.md"
    checks: tuple[Check, ...] = (
        Check(
            "every_source_has_a_basis",
            "Each source in the corpus has licence, owner and rights basis; one that rests on the exception for text "
            "and data mining says what robots.txt and the other signals were, and reserves nothing.",
            blocking=True,
        ),
        Check("five_measures_are_written", "People wrote down each of the measures 1.1 to 1.5."),
        Check("refused_sources_stay_out", "No document of a refused source is in the corpus.", blocking=True),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        sections = read_sections(uc, NAME, list(MEASURES.values()))
        return {**uc.section("name", "title", "language", "sources", "inbox"), "sections": sections}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_copyright_record(uc, sources)

    def render(self, document: dict[str, Any]) -> str:
        return render_copyright_record(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return in_the_other_language(NAME, document, render_copyright_record)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        kept_out = sum(made["value"] for s in document["sources"] for n, made in s["dropped"].items() if n == "erased")
        return {"sources": len(document["sources"]), "rows kept out by erasures and opt-outs": kept_out}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "every_source_has_a_basis":
            return Finding([p for source in document["sources"] for p in basis_problems(source)])
        if check == "refused_sources_stay_out":
            return Finding([p for source in document["sources"] for p in refused_problems(source)])
        return Finding([f"measure {m}: {s['name']}" for m, s in document["measures"].items() if "gap" in s])


def build_copyright_record(uc: UseCase, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The record as JSON: {"measures": {"1.1": words or gap}, "sources": [claims], "totals": claims}."""
    corpus, read = sources["filtered_corpus"].evidence, sources["documents"].evidence
    written = read_sections(uc, NAME, list(MEASURES.values()))
    classes = classes_of(uc, claim(corpus, "/sources")["value"])
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": claim(sources["model_plan"].evidence, "/model_version"),
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "owed": owed_of(sources, NAME),
        "asked_by": {"source": SOURCE, "checked_on": CHECKED_ON},
        "measures": {measure: written[section] for measure, section in MEASURES.items()},
        "sources": [
            _source(corpus, read, place, classes[stated["name"]].content_class)
            for place, stated in enumerate(claim(corpus, "/sources")["value"])
        ],
        "totals": {name: claim(corpus, f"/{name}") for name in ("counts", "outcomes") if has(corpus, f"/{name}")},
        "reasons": claim(read, "/reasons"),
    }


def _source(corpus: Any, read: Any, place: int, content_class: str) -> dict[str, Any]:
    told = {n: claim(corpus, f"/sources/{place}/{n}") for n in TOLD if has(corpus, f"/sources/{place}/{n}")}
    if "ref" in told and is_private(str(told["ref"]["value"])):
        told.pop("ref")
    rows = f"/rows/{told['name']['value']}"
    dropped = {n: claim(read, f"{rows}/{n}") for n in DROPPED if has(read, f"{rows}/{n}")}
    return {"told": told, "summary_section": CLASS_SECTIONS[content_class], "dropped": dropped}


def render_copyright_record(document: Mapping[str, Any], language: str) -> str:
    return render_template("copyright_record.md.j2", page_context(document, language))


def basis_problems(source: Mapping[str, Any]) -> list[str]:
    """What a source that is in the corpus lacks to be there rightly."""
    told = {name: made["value"] for name, made in source["told"].items()}
    if not told.get("documents"):
        return []
    problems = [f"{told['name']}: no {n}" for n in ("license", "owner", "rights_basis") if not told.get(n)]
    if told.get("rights_basis") == "tdm_exception":
        signals = told.get("tdm_signals") or {}
        if not told.get("lawful_access_basis"):
            problems.append(f"{told['name']}: no lawful_access_basis, which the exception presupposes")
        if told.get("robots", "unknown") == "unknown" and not any(s != "unknown" for s in signals.values()):
            problems.append(f"{told['name']}: neither robots nor another signal was looked at")
        reserved = sorted(name for name, signal in signals.items() if signal == "reserved")
        if reserved or told.get("robots") == "disallowed":
            problems.append(f"{told['name']}: rights are reserved ({', '.join(reserved) or 'robots'})")
    return problems


def refused_problems(source: Mapping[str, Any]) -> list[str]:
    told = {name: made["value"] for name, made in source["told"].items()}
    refused = told.get("refused") and told.get("documents")
    return [f"{told['name']} was refused ({told['refused']}) and is in the corpus"] if refused else []
