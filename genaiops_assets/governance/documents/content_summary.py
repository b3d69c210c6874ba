"""The public summary of training content (AI Act Art. 53(1)(d)), after the AI Office's template.

Belongs here: which source falls under which section, the size class, the list of domains, and the gaps a person has to
fill. Does not belong here: the template's classes and shares (`content_template.yaml`), counting (corpus package), or
whether the summary is due again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, html_page, person_text
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.content_classes import RULES, classes_of
from genaiops_assets.governance.documents.content_page import YES_NO, render_content_summary, template
from genaiops_assets.governance.documents.hub import public_ref
from genaiops_assets.governance.documents.languages import in_the_other_language
from genaiops_assets.governance.documents.summary_grade import grade, misses
from genaiops_assets.use_case import Origin, UseCase

SCHEMA_VERSION = 1
PAIRS = {  # origin of preference pairs → class
    Origin.OBSERVED: "user_data",
    Origin.CORPUS: "synthetic",
    Origin.HUMAN: "other",
    Origin.DEMONSTRATION: "other",
}
HUMAN = {
    "public_dataset": "public_datasets",
    "licensed": "private_third_party",
    "private_third_party": "private_third_party",
    "crawled": "crawlers",
    "user_data": "user_data",
    "other": "other_sources",
}


class TrainingContentSummary(Plain):
    """The public summary of training content (AI Act, Article 53(1)(d); template of the AI Office, July 2025)."""

    name = "training_content_summary"
    phase = "release"
    article = "article-53.1.d"
    description = (
        "The public summary of training content after the AI Office's template: every source in one class, size class, "
        "domains."
    )
    reads: tuple[str, ...] = ("filtered_corpus", "corpus_profile", "preference_pairs")
    optional: tuple[str, ...] = ("preference_pairs",)
    page = "training_content_summary.md"
    checks: tuple[Check, ...] = (
        Check(
            "every_source_classified_once",
            "Every source stands in exactly one section, and the size class follows from the corpus.",
            blocking=True,
        ),
        Check(
            "reviewers_points_are_met",
            "Each point that outside reviewers ask of such a summary (Trinity College P1 to P8, the Apertus "
            "corrections, the template) is met; the misses stand on the page.",
        ),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return uc.section("name", "title", "language", "sources", "inbox", "model", "training_content")

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        corpus, profile = sources["filtered_corpus"].evidence, sources["corpus_profile"].evidence
        pairs = sources.get("preference_pairs")
        return build_content_summary(uc, corpus, profile, pairs.evidence if pairs else None)

    def render(self, document: dict[str, Any]) -> str:
        return render_content_summary(document)

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return in_the_other_language(self.name, document, render_content_summary)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        graded = document["grade"]
        return {"size": document["size"]["text"], "reviewers' points met": f"{graded['met']} of {graded['asked']}"}

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        return {
            "sources": [
                {
                    "source": source["name"],
                    "section": part["id"],
                    "class": part["class"],
                    "why": source["rule"],
                    "documents": source["documents"]["value"],
                }
                for part in document["sections"]
                for source in part["sources"]
            ]
        }

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "reviewers_points_are_met":
            return Finding(misses(document["grade"]))
        return Finding(summary_problems(document, sources["filtered_corpus"].evidence.document))


def build_content_summary(
    use_case: UseCase, corpus: Evidence, profile: Evidence, pairs: Evidence | None = None
) -> dict[str, Any]:
    """The summary as JSON: sections 1 to 3 of the template, and our own grade of them. Every source of the corpus
    stands in exactly one part of section 2, and so does every origin of the preference pairs. Nothing in it depends on
    the day it is made: dates are people's."""
    summary = _summary(use_case, corpus, profile, pairs)
    return {**summary, "grade": grade(summary, html_page(render_content_summary(summary), use_case.language))}


def _summary(use_case: UseCase, corpus: Evidence, profile: Evidence, pairs: Evidence | None) -> dict[str, Any]:
    asked, said = template(), use_case.training_content
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "training_content_summary",
        "use_case": use_case.name,
        "title": use_case.title,
        "language": use_case.language,
        "template": {"source": asked["source"], "checked_on": asked["checked_on"]},
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "version": _said(use_case, "version"),
        "earlier_versions": said.earlier_versions,
        "linked_from": said.linked_from,
        "legal_documents_at": said.legal_documents_at,
        "last_update": _said(use_case, "last_update"),
        "general": {
            "provider": _said(use_case, "provider"),
            "provider_contact": _said(use_case, "provider_contact"),
            "authorised_representative": _said(use_case, "authorised_representative"),
            "model_names": _said(use_case, "model_names"),
            "model_dependencies": {"text": public_ref(use_case.model.base)},
            "base_model_summary": _said(use_case, "base_model_summary"),
            "placed_on_market": _said(use_case, "placed_on_market"),
            "latest_collection": _said(use_case, "latest_collection"),
            "continuously_trained": _yes_or_no(use_case, "continuously_trained"),
            "types_of_content": _said(use_case, "types_of_content"),
            "linguistic_characteristics": _said(use_case, "linguistic_characteristics"),
            "other_characteristics": _said(use_case, "other_characteristics"),
        },
        "size": text_size(use_case.language, corpus),
        "languages": claim(corpus, "/languages"),
        "sections": _sections(use_case, corpus, profile, pairs),
        "pairs": None
        if pairs is None
        else {"origins": claim(pairs, "/origins"), "judge": claim(pairs, "/judge"), "corpus": claim(pairs, "/corpus")},
        "processing": {
            "code_of_practice_signatory": _yes_or_no(use_case, "code_of_practice_signatory"),
            "rights_reservations": _said(use_case, "rights_reservations"),
            "illegal_content": _said(use_case, "illegal_content"),
            "other_processing": _said(use_case, "other_processing"),
        },
        "operators": claim(corpus, "/operators"),
    }


def text_size(language: str, corpus: Evidence) -> dict[str, Any]:
    """The size class of the text after processing, from words and from bytes: a byte-level tokeniser makes no more
    tokens than bytes, and hardly fewer than words. Where the two fall into different classes, the one of the words is
    shown and `certain` is false."""
    words, size = claim(corpus, "/words_total"), claim(corpus, "/utf8_bytes")
    low, high = text_bin(words["value"]), text_bin(size["value"])
    return {
        "bin": low["id"],
        "text": low[language],
        "certain": low["id"] == high["id"],
        "words": words,
        "utf8_bytes": size,
    }


def text_bin(tokens: int) -> dict[str, Any]:
    """The template's size class of a number of tokens."""
    return next(b for b in template()["text_bins"] if b["below"] is None or tokens < b["below"])


def top_domains(largest_tenth: list[dict[str, Any]], domains: int, small_provider: bool) -> list[dict[str, Any]]:
    """What the template asks for of `domains` in all, from the largest tenth in order of volume: all of it, or for a
    small provider the first 5 % or 1,000, whichever is fewer."""
    shares = template()["top_domains"]
    if not small_provider:
        return largest_tenth
    return largest_tenth[
        : min(math.ceil(shares["small_provider_share"] * domains - 1e-9), shares["small_provider_most"])
    ]


def update_rule() -> dict[str, Any]:
    """{months, source, checked_on}: how often the template asks for an update."""
    rule: dict[str, Any] = template()["update"]
    return rule


def summary_problems(summary: dict[str, Any], corpus: dict[str, Any]) -> list[str]:
    """What does not add up, recomputed from the corpus statistics: sources in no section or in two, and a wrong size
    class."""
    listed = Counter(s["name"] for section in summary["sections"] for s in section["sources"])
    known = {s["name"] for s in corpus["sources"]}
    problems = [
        f"source {name} stands in {listed[name]} sections, not in one" for name in sorted(known) if listed[name] != 1
    ]
    problems += [f"{name} is listed, but is no source of the corpus" for name in sorted(listed.keys() - known)]
    right = text_bin(corpus["words_total"])["id"]
    if summary["size"]["bin"] != right:
        problems.append(f"size class {summary['size']['bin']}: {corpus['words_total']} words are {right}")
    return problems


def _sections(use_case: UseCase, corpus: Evidence, profile: Evidence, pairs: Evidence | None) -> list[dict[str, Any]]:
    sources = claim(corpus, "/sources")["value"]
    classes = classes_of(use_case, sources)
    origins = {} if pairs is None else claim(pairs, "/origins")["value"]
    made = []
    for part in template()["sections"]:
        name = part["class"]
        rows = [
            {
                "name": s["name"],
                "ref": s["ref"],
                "license": s["license"],
                "owner": s["owner"],
                "rule": RULES[classes[s["name"]].rule][use_case.language],
                "rule_id": classes[s["name"]].rule,
                "documents": claim(corpus, f"/sources/{i}/documents"),
            }
            for i, s in enumerate(sources)
            if classes[s["name"]].content_class == name
        ]
        from_pairs = {
            o: claim(pairs, f"/origins/{o}")
            for o, c in PAIRS.items()
            if pairs is not None and c == name and origins.get(o)
        }
        used = any(r["documents"]["value"] for r in rows) or bool(from_pairs)
        section: dict[str, Any] = {
            "id": part["id"],
            "class": name,
            "title": part[use_case.language],
            "used": used,
            "sources": rows,
        }
        section["modalities"] = ["text"] if used else []
        section["pairs"] = from_pairs
        if used and name in HUMAN:
            section["said"] = _said(use_case, HUMAN[name])
        if name == "synthetic" and used:
            section["generators"] = [
                use_case.model.base,
                *([use_case.training_content.synthetic] if use_case.training_content.synthetic else []),
            ]
        if name == "crawled" and used:
            found = claim(profile, "/crawled_domains")
            volume = found["value"]
            section["domains"] = top_domains(
                volume["largest_tenth"], volume["domains"], use_case.training_content.small_provider
            )
            section["domains_of"] = found
        made.append(section)
    return made


def _said(use_case: UseCase, field: str) -> dict[str, Any]:
    return person_text(use_case.training_content.told(field), f"training_content.{field}")


def _yes_or_no(use_case: UseCase, field: str) -> dict[str, Any]:
    value = getattr(use_case.training_content, field)
    words = YES_NO[use_case.language]
    return person_text("" if value is None else words[value], f"training_content.{field}")
