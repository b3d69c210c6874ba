"""Documents of the data: bias log, dataset card, and what all of them keep, from small evidence, in both languages.

Belongs here: what they say, cite, refuse and name as gaps. Does not belong here: the datasheet (`test_datasheet.py`),
Croissant (`test_croissant.py`), the summary of training content (`test_content_summary.py`) or the figures themselves
(`tests/corpus`)."""

from __future__ import annotations

import json
import re

import pytest
from huggingface_hub import DatasetCard
from pydantic import ValidationError

from genaiops_assets.evidence import find_claims, find_gaps, placeholders, verify_claims
from genaiops_assets.governance.documents import (
    build_bias_log,
    build_croissant,
    build_dataset_card,
    build_datasheet,
    render_bias_log,
    render_dataset_card,
    size_category,
)
from genaiops_assets.use_case.documents import DataBias
from tests.governance.data_evidence import TABLE, documents, log_of, measured, pairs, profile, source
from tests.governance.evidence import HOSTILE, loader, use_case


def entries(log) -> dict:
    return {e["id"]: e for e in log["entries"]}


# --- bias log


def test_shares_are_held_against_the_thresholds() -> None:
    found = entries(build_bias_log(use_case(), measured(), profile()))
    told = {name: (e["share"], e["largest"], e["status"]) for name, e in found.items()}
    assert told == {
        "other_languages": (round(10 / 300, 6), "zh", "within"),
        "source": (1.0, "faq", "outside"),
        "topic": (0.75, "fee, card, limit", "outside"),
        "duplicates": (0.015385, "", "within"),
        "group_gender": (0.9, "male", "outside"),
        "group_age": (1.0, "children", "too_few"),
    }


def test_thresholds_and_language_are_the_use_cases() -> None:
    lenient = use_case(
        data_bias={"max_source_share": 1.0, "max_topic_share": 0.75, "max_group_share": 0.9, "min_mentions": 2}
    )
    assert build_bias_log(lenient, measured(), profile())["outside"] == ["group_age"]
    assert entries(build_bias_log(use_case(language="zh"), measured(), profile()))["other_languages"]["share"] == round(
        290 / 300, 6
    )
    assert build_bias_log(use_case(), measured(languages={}, documents_by_source={}), profile(topics=[]))[
        "outside"
    ] == ["group_gender"]


def test_the_log_says_what_changed_since_the_one_before() -> None:
    before = build_bias_log(use_case(), measured(), profile())
    assert before["changes"] == [] and before["previous"] == ""
    same = build_bias_log(use_case(), measured(), profile(), before, "b" * 64)
    assert same["changes"] == [] and same["previous"] == "b" * 64
    moved = profile(group_mentions={"gender": {"female": 25, "male": 25}, "religion": {"jewish": 0}})
    changed = build_bias_log(use_case(), measured(), moved, before, "b" * 64)["changes"]
    assert [c["id"] for c in changed] == ["group_gender", "group_religion", "group_age"]
    assert (changed[0]["before"]["status"], changed[0]["after"]["status"]) == ("outside", "within")
    assert changed[1]["before"] is None and changed[2]["after"] is None


def test_people_add_notes_in_full() -> None:
    note = {"about": "topic", "note": "Nothing on mortgages is in here.", "by": "Ada", "on": "2026-02-01"}
    log = build_bias_log(use_case(data_bias={"notes": [note]}), measured(), profile())
    assert log["notes"] == [note] and "Nothing on mortgages is in here. (Ada, 2026-02-01)" in render_bias_log(log)
    with pytest.raises(ValidationError, match="about"):
        DataBias.model_validate({"notes": [{**note, "about": "weather"}]})


# --- dataset card


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_hub_reads_the_card(language: str) -> None:
    sources = [source("faq"), source("web", license="LicenseRef-Bank Terms", ref="hub-dataset:org/web@abc")]
    made = build_dataset_card(
        use_case(language=language), measured(sources=sources), profile(), {"datasheet": "d" * 64}
    )
    text = render_dataset_card(made)
    data = DatasetCard(text).data.to_dict()
    assert (data["language"], data["size_categories"]) == (["en", "zh"], ["n<1K"])
    assert (data["license"], data["license_name"]) == (["cc-by-4.0", "other"], "licenseref-bank-terms")
    assert data["source_datasets"] == ["extended|org/web", "original"]
    assert data["dataset_info"]["splits"] == [{"name": "train", "num_bytes": 400_000, "num_examples": 300}]
    assert data["x_genaiops"] == {"use_case": "bank_faq", "corpus": measured().digest, "datasheet": "d" * 64}
    assert placeholders(text) == [] and "More Information Needed" not in text


@pytest.mark.parametrize(
    ("rows", "category"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (5 * 10**8, "100M<n<1B"), (10**9, "n>1B")],
)
def test_size_categories_of_the_hub(rows: int, category: str) -> None:
    assert size_category(rows) == category


@pytest.mark.parametrize("language", ["en", "zh"])
def test_claims_hold_and_a_changed_corpus_breaks_them(language: str) -> None:
    uc = use_case(language=language)
    made = [d for d, _ in documents(uc)] + [build_croissant(uc, measured(), TABLE, log_of(uc))]
    good = loader(measured(), profile(), pairs(), log_of(uc))
    changed = loader(
        measured(instances=1, languages={"en": 1}, documents_by_source={"x": 1}, words_total=1),
        profile(),
        pairs(),
        log_of(uc),
    )
    for document in made:
        document = json.loads(json.dumps(document))
        assert len(find_claims(document)) >= 5 and verify_claims(document, good) == []
        assert verify_claims(document, changed)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_have_no_template_text_and_name_every_gap(language: str) -> None:
    for document, page in documents(use_case(language=language)):
        assert placeholders(page) == [] and "{'" not in page and not re.search(r"None(?! recorded|[.:])", page)
        assert all(f"`{name}`" in page for name in find_gaps(document))
        assert ("缺口" in page or "未超出" in page) == (language == "zh")


def test_hostile_text_stays_text() -> None:
    uc = use_case(
        title=HOSTILE,
        data_bias={"notes": [{"about": "other", "note": HOSTILE, "by": "Ada"}]},
        data_card={"limitations": HOSTILE},
    )
    for _, page in documents(uc):
        body = page.split("\n---\n", 1)[-1]
        assert "<script>" not in body and "[click]" not in body and "\n# Heading" not in body


def test_the_datasheet_takes_the_profile_up() -> None:
    sheet = build_datasheet(use_case(), measured(), profile())
    answers = {a["id"]: a for s in sheet["sections"] for a in s["answers"]}
    assert len(answers) == 57
    assert answers["composition_errors"]["claims"]["duplication"]["value"]["rate"] == 0.015385
    assert answers["composition_data"]["claims"]["lexical_diversity"]["asset"] == "corpus_profile"
