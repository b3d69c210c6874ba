"""The page for affected people: every fact a claim, in their language, with a gap where nobody named a contact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import Evidence, find_claims, find_gaps, placeholders, verify_claims
from genaiops_assets.governance.documents import build_plain_page, documents, long_sentences, render_plain_page
from tests.governance.evidence import HOSTILE, corpus, use_case

MUST_SHOW = "dossier/plain_page.yaml: must_show"


def scope(uc: Any) -> Evidence:
    return Evidence("bank_faq/use_case_scope", "5" * 64, uc.scope())


def criteria(uc: Any) -> Evidence:
    return Evidence("bank_faq/success_criteria", "6" * 64, uc.success_criteria.model_dump(mode="json"))


def page(uc: Any, about: Evidence | None = None) -> dict[str, Any]:
    return build_plain_page(uc, scope(uc), criteria(uc), about or corpus())


def test_every_fact_is_a_claim_and_a_changed_scope_breaks_them() -> None:
    uc = use_case()
    made = page(uc)
    known = {e.asset: e.document for e in (scope(uc), criteria(uc), corpus())}
    assert len(find_claims(made)) > 10
    assert verify_claims(made, lambda asset, digest: known[asset]) == []
    changed = known | {"bank_faq/use_case_scope": scope(use_case(title="Another title")).document}
    assert verify_claims(made, lambda asset, digest: changed[asset])


@pytest.mark.parametrize(("language", "machine"), [("en", "You are dealing with a machine"), ("zh", "您面对的是机器")])
def test_it_is_written_in_the_language_of_the_use_case(language: str, machine: str) -> None:
    text = render_plain_page(page(use_case(language=language)))
    assert machine in text and "Credit decisions" in text and "ai@bank.example" in text
    assert placeholders(text) == [] and "None" not in text
    assert "Below this the search page serves customers better. (" in text and "0.4)" in text


def test_without_a_contact_there_is_a_gap() -> None:
    made = page(use_case(card={}))
    assert find_gaps(made) == [MUST_SHOW, "card.contact"] and "`card.contact`" in render_plain_page(made)


def test_demands_in_plain_words_stand_instead_of_those_of_experts(tmp_path: Path) -> None:
    uc = use_case().model_copy(update={"folder": tmp_path})
    assert f"`{MUST_SHOW}`" in render_plain_page(page(uc)) and "the search page serves" in render_plain_page(page(uc))
    (tmp_path / "dossier").mkdir()
    said = {"must_show": {"text": "It must find what people ask for.", "author": "Ada"}}
    (tmp_path / "dossier" / "plain_page.yaml").write_text(json.dumps({"sections": said}))
    text = render_plain_page(page(uc))
    assert "It must find what people ask for." in text and "the search page serves" not in text
    said["must_show"]["text"] = "word " * 60
    (tmp_path / "dossier" / "plain_page.yaml").write_text(json.dumps({"sections": said}))
    assert "dossier/plain_page.yaml: must_show has a sentence of 60 words, more than 40" in long_sentences(page(uc))


def test_the_other_language_comes_from_the_same_json() -> None:
    made = page(use_case())
    pages = documents()["plain_page"].further_pages(made)
    assert list(pages) == ["plain_page.zh.md"] and "您面对的是机器" in pages["plain_page.zh.md"]
    assert "人写的内容保留其原来的语言" in pages["plain_page.zh.md"] and "Credit decisions" in pages["plain_page.zh.md"]


def test_people_are_told_when_documents_hold_personal_data() -> None:
    source = corpus().document["sources"][0]
    free = render_plain_page(page(use_case(), corpus(sources=[source | {"personal_data": "none"}])))
    masked = render_plain_page(page(use_case(), corpus(sources=[source | {"personal_data": "masked"}])))
    assert "hold no details about persons" in free and "ask to have yours removed" not in free
    assert "ask to have yours removed" in masked


def test_a_sentence_nobody_can_read_at_once_is_named_by_its_place() -> None:
    assert long_sentences(page(use_case())) == []
    purpose = use_case().purpose.model_dump() | {"summary": "word " * 60}
    [problem] = long_sentences(page(use_case(purpose=purpose)))
    assert problem.startswith("bank_faq/use_case_scope/purpose/summary has a sentence of 60 words")


def test_hostile_text_stays_text() -> None:
    text = render_plain_page(page(use_case(title=HOSTILE)))
    assert "<script>" not in text and "[click]" not in text and "\n# Heading" not in text
