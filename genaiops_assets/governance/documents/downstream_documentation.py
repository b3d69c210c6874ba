"""Information for downstream providers (AI Act, Art. 53(1)(b), Annex XII): the rows of the technical documentation that
they get, and what they need to integrate the model.

Belongs here: which rows those are, the integration facts, and that nothing else of the technical documentation gets in.
Does not belong here: the rows themselves (`technical_fields.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import claim, has, labels, person_text, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.fields import RECIPIENTS, rows, unanswered
from genaiops_assets.governance.documents.languages import in_the_other_language
from genaiops_assets.governance.documents.owed import CLASSIFIED, owed_of, page_context
from genaiops_assets.governance.documents.precision import told
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME, TECHNICAL, THEIRS = "downstream_documentation", "technical_documentation", RECIPIENTS["D"]
ANNEX_XII = ("1.a", "1.b", "1.c", "1.d", "1.e", "1.f", "1.g", "1.h", "2.a", "2.b", "2.c")
SECTIONS = ("capabilities", "integration_steps", "support")
ANSWER_WITHIN_DAYS = 14  # Code of Practice, Transparency, Measure 1.2
INTEGRATION = {
    "release_bundle": {
        "engine": "/engine",
        "weights_dtype": "/base/dtype",
        "load_in_4bit": "/base/load_in_4bit",
        "max_new_tokens": "/generation/max_new_tokens",
        "top_k": "/search/top_k",
        "search_mode": "/search/mode",
        "system_prompt": "/prompts/texts/system",
        "question_prompt": "/prompts/texts/context",
        "refusal_text": "/prompts/texts/refusal",
    },
    "base_model": {"context_length": "/context_length", "vocabulary": "/vocabulary"},
    "training_run_record": {"libraries": "/libraries"},
}


class DownstreamDocumentation(Plain):
    """Annex XII, taken from the technical documentation by rule."""

    name = NAME
    phase = "release"
    article = "article-53.1.b"
    description = (
        "What a downstream provider gets (Annex XII): the rows of the technical documentation that are theirs, "
        "unchanged and as exactly as they are told them; context window, formats, prompts and software versions; "
        "capabilities and limitations."
    )
    of_version: tuple[str, ...] = (TECHNICAL, "release_bundle", "training_run_record", "eval_report", *CLASSIFIED)
    reads: tuple[str, ...] = (*of_version, "base_model", "model_plan")
    optional: tuple[str, ...] = CLASSIFIED
    pinned: tuple[str, ...] = ("base_model", "model_plan")
    page = f"{NAME}.md"
    checks: tuple[Check, ...] = (
        Check(
            "is_a_subset_of_the_technical_documentation",
            "Each row stands in the technical documentation as here and is meant for downstream providers; none is "
            "left out.",
            blocking=True,
        ),
        Check("every_annex_xii_item_is_answered", "Every letter of Annex XII is answered by a row; gaps are named."),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {**uc.section("name", "title", "language", "card"), "sections": read_sections(uc, NAME, SECTIONS)}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_downstream(uc, sources)

    def render(self, document: dict[str, Any]) -> str:
        return render_downstream(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return in_the_other_language(NAME, document, render_downstream)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"rows": len(document["rows"]), "letters unanswered": len(letters_unanswered(document))}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "is_a_subset_of_the_technical_documentation":
            return Finding(subset_problems(document, sources[TECHNICAL].evidence.document))
        return Finding(letters_unanswered(document))


def build_downstream(uc: UseCase, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The document as JSON. Its rows keep the claims they have in the technical documentation, so each points at the
    artifact its value was measured in."""
    technical, report = sources[TECHNICAL].evidence, sources["eval_report"].evidence
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": claim(sources["model_plan"].evidence, "/model_version"),
        "owed": owed_of(sources, NAME),
        "taken_from": {"asset": technical.asset, "digest": technical.digest},
        "rows": theirs(technical.document),
        "integration": {
            name: claim(sources[asset].evidence, pointer)
            for asset, facts in INTEGRATION.items()
            for name, pointer in facts.items()
            if has(sources[asset].evidence, pointer)
        },
        "results": {
            name: claim(report, f"/effects/{name}/all")
            for name in claim(report, "/effects")["value"]
            if has(report, f"/effects/{name}/all")
        },
        "limitations": person_text(uc.card.limitations, "card.limitations"),
        "sections": read_sections(uc, NAME, SECTIONS),
        "answer_within_days": ANSWER_WITHIN_DAYS,
    }


def theirs(technical: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that downstream providers get, in the order of the form."""
    return [row for row in technical["rows"] if THEIRS in row["to"]]


def render_downstream(document: Mapping[str, Any], language: str) -> str:
    """The page in this language: Annex XII letter by letter, then integration, results and limits."""
    t = labels(language)
    titles = {row.id: getattr(row, language) for row in rows()}

    def shown(row: Mapping[str, Any], value: Any) -> Any:
        return told(value, row["precision"][THEIRS], t) if THEIRS in row["precision"] else value

    context = page_context(document, language, titles=titles, shown=shown)
    return render_template("downstream_documentation.md.j2", context)


def letters_unanswered(document: Mapping[str, Any]) -> list[str]:
    """Letters of Annex XII without a row, and what rows lack that answer one."""
    answered = {letter for row in document["rows"] for letter in row["annex_xii"]}
    problems = [f"Annex XII {letter}: no row" for letter in ANNEX_XII if letter not in answered]
    for row in document["rows"]:
        if row["annex_xii"]:
            letters = ", ".join(row["annex_xii"])
            problems += [f"Annex XII {letters}, {row['id']}: {lacking}" for lacking in unanswered(row)]
    return problems


def subset_problems(document: Mapping[str, Any], technical: Mapping[str, Any]) -> list[str]:
    """Rows that are not those the technical documentation has for downstream providers."""
    meant = {row["id"]: row for row in theirs(technical)}
    here = {row["id"]: row for row in document["rows"]}
    problems = [f"{name} is no row for downstream providers" for name in here if name not in meant]
    problems += [f"{name} is left out" for name in meant if name not in here]
    return problems + [
        f"{name} differs from the technical documentation"
        for name in here
        if name in meant and here[name] != meant[name]
    ]
