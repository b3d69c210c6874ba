"""The technical documentation: every letter of Annex XI answered or named, each recipient sees their rows alone, and each
number points at what it was measured in."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import Evidence, find_claims, find_gaps, verify_claims
from genaiops_assets.governance.documents import Source, documents
from genaiops_assets.governance.documents.fields import RECIPIENTS, rows
from genaiops_assets.governance.documents.technical_documentation import (
    ANNEX,
    annex_problems,
    build_technical_documentation,
    corpus_problems,
    render_technical,
    view_problems,
)
from tests.governance.filed_evidence import (
    all_sections,
    classification,
    flipped,
    in_folder,
    loader,
    sources,
    training_run,
)

DOCUMENT = documents()["technical_documentation"]


def built(folder: Path, texts: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    uc = in_folder(folder, technical_documentation=all_sections() if texts is None else texts)
    return build_technical_documentation(uc, sources(**changes))


def page(document: dict[str, Any], recipient: str, language: str = "en") -> str:
    return render_technical(document, language, recipient)


def test_every_letter_of_annex_xi_has_a_row_and_a_whole_document_lacks_nothing(tmp_path: Path) -> None:
    assert {letter for row in rows() if not row.systemic for letter in row.annex} == set(ANNEX)
    document = built(tmp_path)
    assert annex_problems(document) == [] and find_gaps(document) == []
    assert not any(row["section"] == "systemic" for row in document["rows"])


def test_a_gap_and_a_missing_report_are_named_with_their_letter(tmp_path: Path) -> None:
    texts = {name: text for name, text in all_sections().items() if name != "licence"}
    document = built(tmp_path, texts, red_team_report=None)
    assert annex_problems(document) == [
        "Annex XI 1.1.f, licence: dossier/technical_documentation.yaml: licence",
        "form, attacks: red_team_report",
        "form, attacks: red_team_report",
        "form, attacks: red_team_report",
    ]
    assert DOCUMENT.judge("every_annex_item_is_answered", document, {}).problems == annex_problems(document)


def test_what_was_not_measured_is_missing_and_what_cannot_be_is_not_asked_for(tmp_path: Path) -> None:
    unmeasured = training_run()
    unmeasured["totals"]["energy_kwh"] = None
    lacking = annex_problems(built(tmp_path, training_run_record=unmeasured))
    assert lacking == ["Annex XI 1.2.e, training_energy: training_run_record/totals/energy_kwh"]
    base_alone = built(
        tmp_path,
        training_run_record=training_run(trained=False),
        model_plan={"model_version": "mv-1", "training": {"method": "none"}},
    )
    assert annex_problems(base_alone) == []
    assert "nothing was trained" in render_technical(base_alone, "en")


def test_section_two_is_asked_for_where_the_model_has_systemic_risk(tmp_path: Path) -> None:
    due = classification(technical_documentation=True, systemic_risk_file=True)
    texts = {name: text for name, text in all_sections().items() if name != "adversarial_testing"}
    document = built(tmp_path, texts, regulatory_classification=due)
    assert [r["id"] for r in document["rows"] if r["section"] == "systemic"] == [
        "strategies",
        "adversarial",
        "system_architecture",
    ]
    assert annex_problems(document) == [
        "Annex XI 2.2, adversarial: dossier/technical_documentation.yaml: adversarial_testing"
    ]
    unclassified = built(tmp_path, regulatory_classification=None)
    assert unclassified["owed"] == {"missing": "regulatory_classification"} and not unclassified["systemic"]


def test_each_number_points_at_its_artifact_and_a_changed_one_is_caught(tmp_path: Path) -> None:
    uc, given = in_folder(tmp_path, technical_documentation=all_sections()), sources()
    document = build_technical_documentation(uc, given)
    assert len(find_claims(document)) > 60 and verify_claims(document, loader(given)) == []
    for name in (
        "training_run_record",
        "base_model",
        "eval_report",
        "red_team_report",
        "filtered_corpus",
        "privacy_record",
    ):
        found = verify_claims(document, loader(flipped(given, name)))
        assert found and all(f"bank_support/{name}@" in problem for problem in found), name


def test_recipients_get_their_rows_alone_and_as_exactly_as_the_form_says(tmp_path: Path) -> None:
    document = built(tmp_path)
    office, nation, down = (page(document, name) for name in RECIPIENTS.values())
    assert "1.2 × 10¹⁸" in office and "1.4 days" in office and "0.012 MWh" in office and "1.3 × 10⁸" in office
    assert "| 10¹⁸ |" in nation and "less than 1 month" in nation and "1.2 × 10¹⁸" not in nation
    assert "FLOP" not in down and "MWh" not in down and "1–500 M" in down and "134,515,008" not in down
    assert "About data\\_selection." in nation and "About data\\_selection." not in down
    assert "134,515,008" in render_technical(document, "en") and "123,456.0 s" in render_technical(document, "en")
    pages = DOCUMENT.further_pages(document)
    assert view_problems(document, pages) == [] and "提供给" not in pages["technical_documentation.downstream.zh.md"]
    assert DOCUMENT.judge("recipients_get_their_rows_alone", document, {}).problems == []


def test_a_view_with_a_foreign_row_or_an_exact_figure_is_caught(tmp_path: Path) -> None:
    document = built(tmp_path)
    pages = DOCUMENT.further_pages(document)
    name = "technical_documentation.downstream.en.md"
    leaking = {**pages, name: pages[name] + "\n### Energy of the training\n\n134,515,008 parameters\n"}
    assert view_problems(document, leaking) == [f"{name} shows the row training_energy", f"{name} tells size exactly"]
    cut = {**pages, name: pages[name].replace("### Licence", "### Something else")}
    assert view_problems(document, cut) == [f"{name} lacks the row licence"]


def test_documents_of_another_corpus_are_named(tmp_path: Path) -> None:
    document, given = built(tmp_path), sources()
    assert corpus_problems(document, given) == []
    refreshed = {**given, "filtered_corpus": Source(Evidence("c", "9" * 64, {}))}
    assert [p.split(" ")[0] for p in corpus_problems(document, refreshed)] == ["data_bias_log", "privacy_record"]


def test_a_place_on_somebodys_machine_is_not_told(tmp_path: Path) -> None:
    base = copy.deepcopy(sources()["base_model"].evidence.document)
    document = built(tmp_path, base_model={**base, "ref": "dir:/home/ben/models/tiny"})
    assert "/home/ben" not in str(document) and annex_problems(document) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_whole_in_both_languages(tmp_path: Path, language: str) -> None:
    text = render_technical(built(tmp_path), language)
    titles = [getattr(row, language) for row in rows() if not row.systemic]
    assert all(title in text for title in titles) and "so" in text
