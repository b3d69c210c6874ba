"""What people state for a classification, rules as data, and the page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from genaiops_assets.evidence import find_gaps
from genaiops_assets.governance.classification import (
    RegulatoryClassification,
    UnknownJurisdiction,
    build_classification,
    document_assets,
    duties,
    jurisdictions,
    read_answers,
    render_classification,
    rules_of,
)
from genaiops_assets.governance.classification.answers import Answers
from genaiops_assets.governance.compliance import every_article
from genaiops_assets.use_case import UseCaseError, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.governance.classification.made import ALL_STATED, TODAY, base, checkpoint, classified, value

# --- people


def test_without_answers_the_stricter_branch_is_assumed_and_each_question_is_a_gap() -> None:
    found = classified(model=base(70e9))
    assert value(found, "gpai_provider") and value(found, "systemic") and value(found, "high_risk")
    assert (
        found["facts"]["gpai_provider"]["how"] == "assumed"
        and "(assumed" in found["owed"]["copyright_record"]["because"]
    )
    gaps = find_gaps(found)
    assert "dossier/regulatory_classification.yaml: answers.roles" in gaps and len(gaps) > 15
    assert RegulatoryClassification().judge("nothing_is_assumed", found, {}).problems
    assert RegulatoryClassification().judge("no_practice_is_prohibited", found, {}).problems


def test_with_all_answers_nothing_is_assumed_and_nothing_is_a_gap() -> None:
    found = classified(**ALL_STATED)
    assert find_gaps(found) == [] and not RegulatoryClassification().judge("nothing_is_assumed", found, {}).problems


def test_what_a_model_drafted_and_nobody_signed_is_no_answer(tmp_path: Any) -> None:
    write_starter(tmp_path / "shop")
    uc = load_use_case(tmp_path / "shop")
    text = 'author: Ada\ndrafted_by_model: m\nanswers:\n  is_monetised: {value: false, because: "It is free."}\n'
    file = uc.path("dossier/regulatory_classification.yaml")
    file.write_text(text)
    assert read_answers(uc).counted.said("is_monetised") is None
    file.write_text(text + "signed_by: Ada\nsigned_on: 2026-11-30\n")
    assert read_answers(uc).counted.said("is_monetised").value is False


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  roles: {value: [provider], because: x}", "answers.roles"),
        ("  annex_iii_use: {value: ['9'], because: x}", "no point of Annex III"),
        ("  base_training_flop: {value: 1e21, unit: FLOP/s, because: x}", "unit"),
        ("  base_training_flop: {value: 1e21, unit: tokens, because: x}", "counted in FLOP"),
        ("  rolls: {value: [deployer], because: x}", "rolls"),
    ],
)
def test_a_mistake_names_file_and_field(tmp_path: Any, line: str, told: str) -> None:
    write_starter(tmp_path / "shop")
    uc = load_use_case(tmp_path / "shop")
    uc.path("dossier/regulatory_classification.yaml").write_text(f"author: Ada\nanswers:\n{line}\n")
    with pytest.raises(UseCaseError, match="(?s)regulatory_classification.yaml.*" + told.replace(".", r"\.")):
        read_answers(uc)


def test_an_answer_without_a_reason_is_none() -> None:
    found = classified(**{**ALL_STATED, "talks_to_people": {"value": False}})
    assert not value(found, "talks_to_people")
    unreasoned = {"annex_i_product": {"value": False, "because": ""}}
    assert Answers.model_validate(unreasoned).said("annex_i_product") is None


# --- rules as data


def test_another_jurisdiction_is_another_file() -> None:
    found = classified(jurisdiction="none", model=base(70e9))
    assert not any(one["owed"] for one in found["owed"].values()) and find_gaps(found) == []
    assert "No rule" in found["owed"]["technical_documentation"]["because"]
    with pytest.raises(UnknownJurisdiction, match="eu, none"):
        rules_of("mars")


def test_every_duty_cites_known_articles_and_assets_and_every_rule_has_source_and_day() -> None:
    known, assets = every_article(), set(document_assets())
    for place in jurisdictions():
        for duty in duties(place):
            assert set(duty.articles) <= set(known), duty.id
            assert set(duty.assets) <= assets, duty.id
            assert duty.text["en"] and duty.text["zh"]
        for rule in rules_of(place)["thresholds"].values():
            assert rule["source"] and date.fromisoformat(rule["checked_on"]) and set(rule["articles"]) <= set(known)
    assert "secondary" in rules_of("eu") and "2026/1744" in rules_of("eu")["secondary"][0]["text"]


def test_what_was_tampered_with_does_not_follow() -> None:
    document = RegulatoryClassification()
    found = classified(**ALL_STATED)
    assert document.judge("follows_from_its_facts", found, {}).problems == []
    found["owed"]["plain_page"]["owed"] = True
    assert document.judge("follows_from_its_facts", found, {}).problems == ["owed is not what follows"]


# --- the page


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_both_packaged_use_cases_answered_everything(name: str) -> None:
    uc = load_use_case(PACKAGED / name)
    found = build_classification(
        uc, read_answers(uc), {"aligned_checkpoint": checkpoint(), "base_model": base()}, ("aligned_checkpoint",), TODAY
    )
    assert find_gaps(found) == [] and uc.people.everybody.count(read_answers(uc).author) == 1
    owed = {asset for asset, one in found["owed"].items() if one["owed"]}
    assert owed == ({"acceptance_and_training"} if name == "bank_support" else set())


def test_the_page_shows_amounts_articles_and_reasons_in_both_languages() -> None:
    found = classified(**ALL_STATED)
    english, chinese = (render_classification(found, language) for language in ("en", "zh"))
    assert "1.6e+21" in english and "Art. 4" in english and "not a rate" in english and "secondary sources" in english
    assert "1.6e+21" in chinese and "监管分类" in chinese
