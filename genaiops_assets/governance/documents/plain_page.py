"""The page for people whom the application concerns: what it does, what it must not be used for, what it rests on, what
it has to show before it is released, and whom to ask. No technical word needs to be known.

Belongs here: which facts people are told, as claims. Does not belong here: the sentences around them
(`templates/plain_page.md.j2`, `labels.yaml`), or figures of one model version, which stand in its model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has, labels, person_text, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.sections import file_of, read_sections
from genaiops_assets.governance.release import told_of_versions
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
SECTIONS = ("must_show",)  # in `dossier/plain_page.yaml`: the demands on it, for people who are no experts
FREE_OF_PERSONS = "none"


class PlainPage(Plain):
    """A page in plain language for affected people."""

    name = "plain_page"
    phase = "release"
    article = "article-50.1"
    description = (
        "One page in plain language for the people the application concerns: what it is for, what it rests on, what it "
        "has to show, whom to ask. Every fact is a claim."
    )
    reads: tuple[str, ...] = ("use_case_scope", "success_criteria", "filtered_corpus", "release_history")
    optional: tuple[str, ...] = ("release_history",)
    page = "plain_page.md"
    code_version = "2"  # 2: the demands in plain words, both languages
    checks = (Check("sentences_are_short", "No text on the page has sentences that are hard to read."),)

    def settings(self, uc: UseCase) -> dict[str, Any]:
        stated = {"language": uc.language, "contact": uc.card.contact}
        said = read_sections(uc, self.name, SECTIONS)
        return {**stated, "retention_days": uc.monitoring.retention_days, "said": said}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        scope, criteria, corpus = (sources[name].evidence for name in self.reads[:3])
        history = sources["release_history"].evidence if "release_history" in sources else None
        return build_plain_page(uc, scope, criteria, corpus, history)

    def render(self, document: dict[str, Any]) -> str:
        return render_plain_page(document)

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        others = [language for language in MOST_WORDS if language != document["language"]]
        return {f"{self.name}.{other}.md": render_plain_page(document, other) for other in others}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"sources": len(document["sources"]), "promises": len(document["promises"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        return Finding(long_sentences(document))


def build_plain_page(
    use_case: UseCase, scope: Evidence, criteria: Evidence, corpus: Evidence, history: Evidence | None = None
) -> dict[str, Any]:
    """The page as JSON: claims on scope, criteria and corpus, on what the version that answers has not shown or that it
    was revoked (`history`), and what only people can say, or a gap."""
    people = [f"/purpose/{name}" for name in ("intended_users", "out_of_scope")]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "plain_page",
        "use_case": use_case.name,
        "language": use_case.language,
        "title": claim(scope, "/title"),
        "summary": claim(scope, "/purpose/summary"),
        "users": listed(scope, people[0]),
        "use": claim(scope, "/purpose/intended_use"),
        "not_for": listed(scope, people[1]),
        "oversight": claim(scope, "/purpose/human_oversight"),
        "documents": claim(corpus, "/instances"),
        "sources": [
            {key: claim(corpus, f"/sources/{place}/{key}") for key in ("name", "owner", "personal_data")}
            for place in range(len(corpus.document["sources"]))
        ],
        "promises": [promise(criteria, place) for place in range(len(criteria.document["gates"]))],
        **read_sections(use_case, "plain_page", SECTIONS),
        "promised_on": claim(criteria, "/written_on"),
        "retention_days": use_case.monitoring.retention_days,
        "contact": person_text(use_case.card.contact, "card.contact"),
        **of_production(history),
    }


def of_production(history: Evidence | None) -> dict[str, Any]:
    """Overrides and the revocation of the version that answers, as claims."""
    now = history.document["production"] if history else None
    return told_of_versions(history, now["model_version"]) if now else {}


def render_plain_page(document: dict[str, Any], language: str = "") -> str:
    """The page as Markdown, in a language or that of its use case; what people wrote stays in theirs, and the page says
    so."""
    language = language or document["language"]
    concerns = any(source["personal_data"]["value"] != FREE_OF_PERSONS for source in document["sources"])
    context = {"page": document, "concerns_persons": concerns, "language": language, "t": labels(language)}
    return render_template("plain_page.md.j2", context)


def listed(evidence: Evidence, pointer: str) -> list[dict[str, Any]]:
    """Each entry of a list as a claim of its own."""
    return [claim(evidence, f"{pointer}/{n}") for n in range(len(claim(evidence, pointer)["value"]))]


def promise(criteria: Evidence, place: int) -> dict[str, Any]:
    """One thing the application has to show before it is released, in the words of who demanded it."""
    where = f"/gates/{place}"
    bounds = {
        n: claim(criteria, f"{where}/{n}") for n in ("at_least", "at_most") if is_stated(criteria, f"{where}/{n}")
    }
    return {"why": claim(criteria, f"{where}/rationale"), **bounds}


def is_stated(evidence: Evidence, pointer: str) -> bool:
    return has(evidence, pointer) and claim(evidence, pointer)["value"] is not None


MOST_WORDS = {"en": 40, "zh": 80}  # of a sentence; characters in Chinese


def long_sentences(document: dict[str, Any]) -> list[str]:
    """The texts of the page that hold a sentence which is too long to be read at once, by where they are written."""
    from genaiops_assets.text import sentences, words

    most = MOST_WORDS[document["language"]]
    texts = [document["summary"], document["use"], document["oversight"], *document["not_for"], *document["users"]]
    said = document["must_show"]
    if "gap" in said:  # then the demands stand there in the words of those who demanded them
        texts += [promised["why"] for promised in document["promises"]]
    else:
        texts.append({"asset": file_of("plain_page"), "pointer": ": must_show", "value": said["text"]})
    return [
        f"{made['asset']}{made['pointer']} has a sentence of {longest} words, more than {most}"
        for made in texts
        if (longest := max((len(words(s)) for s in sentences(str(made["value"]))), default=0)) > most
    ]
