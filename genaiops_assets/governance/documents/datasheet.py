"""The datasheet of a corpus: the 57 questions of Gebru et al. 2021 and their answers, as JSON.

Belongs here: which question is answered by what. Does not belong here: the questions themselves
(`datasheet_questions.yaml`), the statistics (corpus package), or layout (`templates/datasheet.md.j2`).

The corpus statistics are one JSON document:

    instances      int, documents kept
    rejected       {reason: int}, documents an operator rejected
    duplicates     int, documents that repeat another one
    quarantined    int or {reason: int}, malformed or unlicensed input
    languages      {language code: int}
    text_length    {"unit": str, quantile name: number}, for example {"unit": "characters", "p05": 12, "median": 340}
    sources        [{name, ref, license, owner, documents, rights_basis, personal_data}]
    first_seen     {"first": int, "last": int}, the batches in which the kept documents arrived
    pii_counts     {kind of personal data: int}, found by the scan
    operators      [str], the operators of the recipe, in order
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.errors import Unusable
from genaiops_assets.evidence import Evidence, find_gaps, labels, person_text, render_template
from genaiops_assets.governance.documents.base import Earlier, Plain, Source
from genaiops_assets.governance.documents.corpus_facts import corpus_facts, relates_to_people
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1


class Datasheet(Plain):
    """Datasheets for Datasets (Gebru et al., 2021): 57 questions."""

    name = "datasheet"
    article = "article-10.2"
    description = (
        "The 57 questions of Datasheets for Datasets: numbers as claims on the corpus, the rest answered by people or "
        "named as a gap."
    )
    reads: tuple[str, ...] = ("filtered_corpus", "corpus_profile")
    page = "datasheet.md"
    code_version = "3"  # 3: retention and access of each source

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return uc.section("purpose", "people", "datasheet", "card") | {
            "title": uc.title,
            "language": uc.language,
            "kept": kept_sources(uc),
        }

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_datasheet(uc, sources["filtered_corpus"].evidence, sources["corpus_profile"].evidence)

    def render(self, document: dict[str, Any]) -> str:
        return render_datasheet(document)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        questions = sum(len(section["answers"]) for section in document["sections"])
        return {"questions_answered": questions - len(find_gaps(document["sections"]))}


def build_datasheet(use_case: UseCase, corpus: Evidence, profile: Evidence | None = None) -> dict[str, Any]:
    """The datasheet as JSON: {"sections": [{"id", "title", "answers": [57 in all]}], ...}.

    Numbers are claims on `corpus` (its keys: see the module) and, where given, on the `profile` of its diversity.
    Questions for a person take the text of `use_case.datasheet[question id]`; without one, or with template text, the
    answer is a named gap. KeyError names a missing statistic; ValueError names an answer to a question that does not
    exist."""
    _refuse_unknown_answers(use_case)
    about_people = relates_to_people(corpus)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "datasheet",
        "use_case": use_case.name,
        "title": use_case.title,
        "language": use_case.language,
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "relates_to_people": about_people,
        "kept": kept_sources(use_case),
        "sections": [
            {
                "id": section,
                "title": content["title"][use_case.language],
                "answers": [
                    _answer(question, use_case, corpus, profile, about_people) for question in content["questions"]
                ],
            }
            for section, content in _sections().items()
        ],
    }


def render_datasheet(datasheet: dict[str, Any]) -> str:
    """The datasheet as Markdown, in the language of its use case."""
    questions = [answer for section in datasheet["sections"] for answer in section["answers"]]
    counts = {"questions": str(len(questions)), "answered": str(sum(not find_gaps(answer) for answer in questions))}
    return render_template("datasheet.md.j2", {"sheet": datasheet, "t": labels(datasheet["language"]), **counts})


def kept_sources(use_case: UseCase) -> list[dict[str, Any]]:
    """How long each source and the inbox may be kept, and who may read it, as the use case file states; a named gap
    where it does not."""
    stated = [(s.name, f"sources.{s.name}", s) for s in use_case.sources] + [("inbox", "inbox", use_case.inbox)]
    return [
        {
            "name": name,
            "retention": person_text(source.kept_until(), f"{field}.retention"),
            "access": person_text(source.access, f"{field}.access"),
        }
        for name, field, source in stated
    ]


def datasheet_questions() -> list[dict[str, Any]]:
    """The 57 questions in order: {id, section, kind ("automatic" or "human"), en, zh, ...}."""
    return [
        {"section": section, **question}
        for section, content in _sections().items()
        for question in content["questions"]
    ]


def _answer(
    question: dict[str, Any], use_case: UseCase, corpus: Evidence, profile: Evidence | None, about_people: bool
) -> dict[str, Any]:
    language, written = use_case.language, use_case.datasheet.get(question["id"], "")
    answer: dict[str, Any] = {"id": question["id"], "kind": question["kind"], "question": question[language]}
    if question.get("people") and not about_people:
        written_by_person = {"texts": [person_text(written, f"datasheet.{question['id']}")]} if written.strip() else {}
        return {**answer, "not_applicable": True, "claims": corpus_facts(corpus, ["pii_counts"]), **written_by_person}
    if "statement" in question:
        answer["statement"] = question["statement"][language]
    if "facts" in question:
        answer["claims"] = corpus_facts(corpus, question["facts"])
    if profile is not None and "profile" in question:
        answer["claims"] = answer.get("claims", {}) | corpus_facts(profile, question["profile"])
    texts = [person_text(_field(use_case, field), field) for field in question.get("from", [])]
    if written.strip() or (question["kind"] == "human" and not question.get("optional")):
        texts.append(person_text(written, f"datasheet.{question['id']}"))
    return {**answer, "texts": texts} if texts else answer


def _field(use_case: UseCase, dotted: str) -> str:
    """A field of the use case as text; lists are joined."""
    value: Any = use_case
    for name in dotted.split("."):
        value = getattr(value, name)
    return "; ".join(value) if isinstance(value, list) else value


def _refuse_unknown_answers(use_case: UseCase) -> None:
    unknown = sorted(set(use_case.datasheet) - {question["id"] for question in datasheet_questions()})
    if unknown:
        raise Unusable(f"the use case answers datasheet questions that do not exist: {', '.join(unknown)}")


@cache
def _sections() -> dict[str, Any]:
    return yaml.safe_load(
        files("genaiops_assets.governance.documents").joinpath("datasheet_questions.yaml").read_text("utf-8")
    )
