"""The page for affected people: every fact a claim, in their language, with a gap where nobody named a contact."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evidence import Evidence, find_claims, find_gaps, placeholders, verify_claims
from genaiops_assets.governance.documents import build_plain_page, long_sentences, render_plain_page
from tests.governance.evidence import HOSTILE, corpus, use_case


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
    assert find_gaps(made) == ["card.contact"] and "`card.contact`" in render_plain_page(made)


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
