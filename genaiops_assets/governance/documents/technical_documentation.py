"""The technical documentation of a model version (AI Act, Art. 53(1)(a), Annex XI), as rows of the Model Documentation
Form of the Code of Practice.

Belongs here: the document, its views for each recipient, and what must hold of them. Does not belong here: the rows
(`technical_fields.yaml`), filling one (`fields.py`), how exactly a number is told (`precision.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import claim, find_claims, labels, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.fields import (
    RECIPIENTS,
    filled,
    rows,
    section_names,
    table,
    unanswered,
)
from genaiops_assets.governance.documents.languages import LANGUAGES, in_the_other_language
from genaiops_assets.governance.documents.owed import CLASSIFIED, SYSTEMIC, is_owed, owed_of, page_context
from genaiops_assets.governance.documents.precision import exactly, told
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME = "technical_documentation"
ANNEX = ("1.1.a", "1.1.b", "1.1.c", "1.1.d", "1.1.e", "1.1.f", "1.2.a", "1.2.b", "1.2.c", "1.2.d", "1.2.e")
ANNEX_SYSTEMIC = ("2.1", "2.2", "2.3")


class TechnicalDocumentation(Plain):
    """Annex XI and the Model Documentation Form, with a view for each recipient."""

    name = NAME
    phase = "release"
    article = "article-53.1.a"
    description = (
        "The technical documentation of a model version: Annex XI merged with the Model Documentation Form; what was "
        "measured as claims, the rest in people's words; one view each for the AI Office, national authorities and "
        "downstream providers."
    )
    of_version: tuple[str, ...] = (
        "model_plan",
        "training_run_record",
        "eval_report",
        "evaluation_plan",
        "release_bundle",
        "release_decision",
        "red_team_report",
        *CLASSIFIED,
    )
    reads: tuple[str, ...] = (
        *of_version,
        *("base_model", "filtered_corpus", "preference_pairs", "corpus_profile", "data_bias_log"),
        *("privacy_record", "decontamination_report", "use_case_scope", "design_history"),
    )
    optional: tuple[str, ...] = ("red_team_report", "release_decision", "design_history", *CLASSIFIED)
    pinned: tuple[str, ...] = ("model_plan", "base_model", "filtered_corpus", "preference_pairs")
    page = f"{NAME}.md"
    checks: tuple[Check, ...] = (
        Check(
            "every_annex_item_is_answered", "Every letter of Annex XI that is asked for is answered; gaps are named."
        ),
        Check("recipients_get_their_rows_alone", "No view holds a row or a precision that is not its recipient's."),
        Check("data_is_what_it_was_trained_on", "Bias log, privacy record and profile speak of the training's corpus."),
    )

    def not_there(self, uc: UseCase) -> tuple[str, ...]:
        return () if uc.red_team else ("red_team_report",)

    def settings(self, uc: UseCase) -> dict[str, Any]:
        sections = read_sections(uc, NAME, section_names(systemic=True))
        return {**uc.section("name", "title", "language", "training_content"), "sections": sections}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_technical_documentation(uc, sources)

    def render(self, document: dict[str, Any]) -> str:
        return render_technical(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        pages = in_the_other_language(NAME, document, render_technical)
        for recipient in RECIPIENTS.values():
            for language in LANGUAGES:
                pages[f"{NAME}.{recipient}.{language}.md"] = render_technical(document, language, recipient)
        return pages

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        open_rows = [row["id"] for row in document["rows"] if unanswered(row)]
        return {
            "rows": len(document["rows"]),
            "rows with something missing": len(open_rows),
            "claims": len(find_claims(document)),
            **{f"rows for {name}": len(rows_of(document, name)) for name in RECIPIENTS.values()},
        }

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        return {
            "rows": [
                {
                    "row": row["id"],
                    "annex XI": ", ".join(row["annex"]) or "–",
                    "goes to": ", ".join(row["to"]),
                    "lacks": "; ".join(unanswered(row)) or "nothing",
                }
                for row in document["rows"]
            ]
        }

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "every_annex_item_is_answered":
            return Finding(annex_problems(document))
        if check == "recipients_get_their_rows_alone":
            return Finding(view_problems(document, self.further_pages(document)))
        return Finding(corpus_problems(document, sources))


def build_technical_documentation(uc: UseCase, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The document as JSON: {"rows": [filled row]} and what it is of. Section 2 of the annex only where the
    classification says that the model has systemic risk."""
    systemic = is_owed(owed_of(sources, SYSTEMIC))
    sections = read_sections(uc, NAME, section_names(systemic=True))
    asked = [row for row in rows() if systemic or not row.systemic]
    stated = table()
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": claim(sources["model_plan"].evidence, "/model_version"),
        "owed": owed_of(sources, NAME),
        "systemic": systemic,
        "asked_by": {**stated["sources"], "checked_on": stated["checked_on"]},
        "keep_years": stated["keep_years"],
        "rows": [filled(row, uc, sources, sections) for row in asked],
    }


def render_technical(document: Mapping[str, Any], language: str, recipient: str = "") -> str:
    """A page in this language: all rows for the provider, or those of one recipient as exactly as they are told."""
    t = labels(language)
    shown = rows_of(document, recipient) if recipient else document["rows"]

    def shown_value(row: Mapping[str, Any], value: Any) -> Any:
        forms = row["precision"]
        if not recipient:
            return exactly(value, next(iter(forms.values()), ""))
        return told(value, forms[recipient], t) if recipient in forms else value

    context = page_context(
        document,
        language,
        recipient=recipient,
        sections=grouped(shown, language),
        titles={row.id: getattr(row, language) for row in rows()},
        shown=shown_value,
    )
    return render_template("technical_documentation.md.j2", context)


def rows_of(document: Mapping[str, Any], recipient: str) -> list[dict[str, Any]]:
    return [row for row in document["rows"] if recipient in row["to"]]


def grouped(shown: list[dict[str, Any]], language: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """(title, rows) of each section that has any."""
    parts = [(part[language], [r for r in shown if r["section"] == part["id"]]) for part in table()["sections"]]
    return [(title, found) for title, found in parts if found]


def annex_problems(document: Mapping[str, Any]) -> list[str]:
    """Letters of Annex XI that no row answers, and what the rows lack that answer one."""
    wanted = ANNEX + (ANNEX_SYSTEMIC if document["systemic"] else ())
    problems = [
        f"Annex XI {letter}: no row" for letter in wanted if not any(letter in r["annex"] for r in document["rows"])
    ]
    for row in document["rows"]:
        where = f"Annex XI {', '.join(row['annex'])}" if row["annex"] else "form"
        problems += [f"{where}, {row['id']}: {lacking}" for lacking in unanswered(row)]
    return problems


def view_problems(document: Mapping[str, Any], pages: Mapping[str, str]) -> list[str]:
    """Titles of rows on a view whose recipient they are not meant for, and exact figures where a form hides them."""
    problems = []
    for recipient in RECIPIENTS.values():
        for language in LANGUAGES:
            name = f"{NAME}.{recipient}.{language}.md"
            titles = {getattr(row, language): row.id for row in rows()}
            meant = {row["id"] for row in rows_of(document, recipient)}
            headings = [line.removeprefix("### ") for line in pages[name].splitlines() if line.startswith("### ")]
            shown = {row for title, row in titles.items() for line in headings if line.startswith(title)}
            problems += [f"{name} shows the row {row}" for row in sorted(shown - meant)]
            problems += [f"{name} lacks the row {row}" for row in sorted(meant - shown)]
            problems += [f"{name} tells {row} exactly" for row in too_exact(document, recipient, pages[name])]
    return problems


def too_exact(document: Mapping[str, Any], recipient: str, page: str) -> list[str]:
    """Rows whose exact figure stands on a page of a recipient that is told a coarser one."""
    found = []
    for row in rows_of(document, recipient):
        if recipient not in row["precision"]:
            continue
        values = [entry["made"]["value"] for entry in row["entries"] if "made" in entry]
        exact = {f"{value:,}" for value in values if isinstance(value, int) and value >= 1000}
        found += [row["id"] for figure in exact if re.search(rf"(?<![\d,]){figure}(?![\d,])", page)]
    return found


def corpus_problems(document: Mapping[str, Any], sources: Mapping[str, Source]) -> list[str]:
    """Documents of the data that were made of another corpus than the one this version learned from."""
    trained_on = sources["filtered_corpus"].digest
    problems = []
    for name in ("data_bias_log", "privacy_record"):
        stated = sources[name].evidence.document.get("corpus", {}).get("digest", "")
        if stated != trained_on:
            problems.append(f"{name} speaks of corpus {stated[:12]}, the version learned from {trained_on[:12]}")
    return problems
