"""Documents of the data: bias log, Croissant, dataset card and training-content summary, from small evidence, in both
languages.

Belongs here: what they say, cite, refuse and name as gaps. Does not belong here: the datasheet (`test_datasheet.py`)
or the figures themselves (`tests/corpus`)."""

from __future__ import annotations

import copy
import json
import re

import mlcroissant
import pytest
from huggingface_hub import DatasetCard
from pydantic import ValidationError

from genaiops_assets.evidence import Evidence, find_claims, find_gaps, placeholders, verify_claims
from genaiops_assets.governance.documents import (
    CLASSES,
    build_bias_log,
    build_content_summary,
    build_croissant,
    build_dataset_card,
    build_datasheet,
    classify,
    crawled_sources,
    croissant_problems,
    render_bias_log,
    render_content_summary,
    render_dataset_card,
    render_datasheet,
    size_category,
    summary_problems,
    text_bin,
    top_domains,
)
from genaiops_assets.use_case.documents import DataBias
from tests.governance.evidence import HOSTILE, corpus, loader, use_case

TABLE = {"name": "bank_faq/filtered_corpus", "digest": "7" * 64, "rows": 300}
PUBLISHED = {
    "url": "https://bank.example/faq",
    "date_published": "2026-02-01",
    "version": "1.0.0",
    "citation": "Bank FAQ corpus, 2026.",
    "collection_start": "2025-01-01",
    "collection_end": "2026-01-31",
    "limitations": "Only published conditions.",
    "social_impact": "Customers may trust it too much.",
}


def measured(**changes) -> Evidence:
    document = {
        "words_total": 60_000,
        "utf8_bytes": 400_000,
        "documents_by_source": {"faq": 300},
        "recipe": [{"name": "clean_links_mapper", "params": {}, "kind": "mapper"}],
    }
    return corpus(**{**document, **changes})


def source(name: str, **changes) -> dict:
    return {**corpus().document["sources"][0], "name": name, **changes}


def profile(**changes) -> Evidence:
    document = {
        "source_entropy": {"bits": 0.0, "normalised": 0.0},
        "source_shares": {"faq": 1.0},
        "topic_entropy": {"bits": 0.81, "normalised": 0.81},
        "topics": [
            {"id": "topic_1", "terms": ["fee", "card", "limit"], "documents": 30, "share": 0.75},
            {"id": "topic_2", "terms": ["loan"], "documents": 10, "share": 0.25},
        ],
        "topic_method": "k-means",
        "sample": {"documents": 40, "of": 300},
        "lexical_diversity": {"en": {"tokens": 900, "types": 300, "type_token_ratio": 0.333333, "mtld": 70.5}},
        "lexical_diversity_definition": "MTLD",
        "group_mentions": {
            "gender": {"female": 5, "male": 45, "other_or_neutral": 0},
            "age": {"children": 2, "adults": 0},
        },
        "duplication": {"rows_read": 325, "by_operator": {"document_deduplicator": 5}, "rate": 0.015385},
        "crawled_domains": {
            "domains": 40,
            "documents_without_url": 1,
            "largest_tenth": [{"domain": f"d{i}.example", "bytes": 900 - i, "documents": 2} for i in range(4)],
        },
    }
    return Evidence("corpus_profile", "8" * 64, {**document, **changes})


def pairs(**origins) -> Evidence:
    return Evidence(
        "preference_pairs",
        "9" * 64,
        {"origins": {"corpus": 6, "observed": 3, "human": 2, **origins}, "judge": "overlap", "corpus": {"rows": 1}},
    )


def log_of(uc, **more) -> Evidence:
    return Evidence("data_bias_log", "a" * 64, build_bias_log(uc, measured(), profile(), **more))


def entries(log) -> dict:
    return {e["id"]: e for e in log["entries"]}


# --- bias log
# ----------------------------------------------------------------------------------------------------------


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


# --- Croissant
# ---------------------------------------------------------------------------------------------------------


def test_mlcroissant_loads_what_our_schema_accepts() -> None:
    uc = use_case(data_card=PUBLISHED, datasheet={"composition_missing": "Prices before 2020."})
    made = build_croissant(uc, measured(), TABLE, log_of(uc))
    jsonld = json.loads(json.dumps(made["jsonld"]))
    assert croissant_problems(jsonld) == [] and find_gaps(made) == []
    loaded = mlcroissant.Dataset(jsonld=jsonld).metadata
    assert loaded.ctx.issues.errors == set() and loaded.ctx.issues.warnings == set()
    assert (loaded.name, loaded.version, str(loaded.url)) == ("bank_faq_corpus", "1.0.0", PUBLISHED["url"])
    assert [f.sha256 for f in loaded.distribution] == ["7" * 64]
    assert [f.name for f in loaded.record_sets[0].fields][:4] == ["id", "source", "title", "text"]
    assert loaded.data_social_impact == PUBLISHED["social_impact"] and len(loaded.data_biases) == 3
    assert jsonld["rai:dataCollectionTimeframe"] == ["2025-01-01", "2026-01-31"]
    assert jsonld["license"] == ["https://spdx.org/licenses/CC-BY-4.0.html"]


@pytest.mark.parametrize(
    "field", ["name", "license", "creator", "url", "datePublished", "description", "conformsTo", "distribution"]
)
def test_our_schema_refuses_what_mlcroissant_lets_pass(field: str) -> None:
    uc = use_case(data_card=PUBLISHED)
    jsonld = build_croissant(uc, measured(), TABLE, log_of(uc))["jsonld"]
    del jsonld[field]
    assert croissant_problems(jsonld) == [f"/: '{field}' is a required property"]
    assert croissant_problems(jsonld, (field,)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rai:dataDataManipulationProtocol": "x"}, "rai:dataDataManipulationProtocol"),
        ({"rai:dataCollectionTimeFrame": ["2025-01-01"]}, "rai:dataCollectionTimeFrame"),
        ({"license": []}, "/license"),
        ({"creator": [{"@type": "sc:Organization", "name": ""}]}, "/creator/0/name"),
        ({"datePublished": "2026-02-31"}, "/datePublished"),
        ({"rai:dataBiases": []}, "/rai:dataBiases"),
    ],
)
def test_our_schema_names_the_mistake(change: dict, said: str) -> None:
    uc = use_case(data_card=PUBLISHED)
    jsonld = {**build_croissant(uc, measured(), TABLE, log_of(uc))["jsonld"], **change}
    problems = croissant_problems(jsonld)
    assert problems and said in problems[0]


def test_what_nobody_stated_is_a_gap_and_left_out() -> None:
    made = build_croissant(use_case(), measured(), TABLE, log_of(use_case()))
    assert (
        "data_card.url" in find_gaps(made)
        and "data_card.social_impact" in find_gaps(made)
        and "datasheet.composition_missing" in find_gaps(made)
    )
    assert not {"url", "rai:dataSocialImpact", "rai:dataCollectionTimeframe"} & made["jsonld"].keys()
    assert placeholders(json.dumps(made["jsonld"], indent=1)) == []
    assert croissant_problems(made["jsonld"], ("url", "datePublished")) == []


def test_personal_data_and_biases_are_said() -> None:
    uc = use_case()
    about = measured(pii_counts={"EMAIL": 3}, sources=[source("faq", personal_data="masked")])
    jsonld = build_croissant(uc, about, TABLE, log_of(uc))["jsonld"]
    assert jsonld["rai:personalSensitiveInformation"] == ["EMAIL: 3", "source faq declares personal data: masked"]
    assert jsonld["rai:dataBiases"][0] == "source (faq): share 1.000, threshold 0.9"


# --- dataset card
# ------------------------------------------------------------------------------------------------------


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


# --- training-content summary
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("license", "basis", "expected"),
    [
        ("MIT", "licence", "public_dataset"),
        ("CC0-1.0", "public_domain", "public_dataset"),
        ("LicenseRef-Vendor", "licence", "private_third_party"),
        ("MIT", "contract", "licensed"),
        ("MIT", "tdm_exception", "crawled"),
        ("MIT", "own_work", "other"),
    ],
)
def test_the_rule_that_classifies_a_source(license: str, basis: str, expected: str) -> None:
    about = {"license": license, "rights_basis": basis}
    assert classify(about).content_class == expected
    assert all(classify(about, stated) == (stated, "stated") for stated in CLASSES)


def test_a_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'blogs' is none of public_dataset"):
        classify({"license": "MIT", "rights_basis": "licence"}, "blogs")
    with pytest.raises(ValidationError, match="content_class"):
        use_case(
            sources=[{"name": "faq", "ref": "path:docs", "license": "MIT", "owner": "Bank", "content_class": "blogs"}]
        )


def every_class():
    """A use case with one source of each class, the inbox by its own rule, and its corpus."""
    named = [
        {"name": f"s_{c}", "ref": "path:x", "license": "MIT", "owner": "Bank", "content_class": c} for c in CLASSES
    ]
    uc = use_case(sources=named)
    return uc, measured(
        sources=[*(source(f"s_{c}") for c in CLASSES), source("inbox", rights_basis="contract", documents=0)]
    )


def test_every_source_stands_in_exactly_one_section() -> None:
    uc, about = every_class()
    summary = build_content_summary(uc, about, profile(), pairs())
    listed = {part["id"]: [s["name"] for s in part["sources"]] for part in summary["sections"]}
    assert listed == {
        "2.1": ["s_public_dataset"],
        "2.2.1": ["s_licensed", "inbox"],
        "2.2.2": ["s_private_third_party"],
        "2.3": ["s_crawled"],
        "2.4": ["s_user_data"],
        "2.5": ["s_synthetic"],
        "2.6": ["s_other"],
    }
    assert summary_problems(summary, about.document) == []
    assert crawled_sources(uc) == ["s_crawled"]


def test_a_source_in_no_section_or_two_and_a_wrong_size_are_found() -> None:
    uc, about = every_class()
    summary = build_content_summary(uc, about, profile(), pairs())
    broken = copy.deepcopy(summary)
    broken["sections"][0]["sources"] += broken["sections"][3]["sources"]
    del broken["sections"][6]["sources"][0]
    broken["size"]["bin"] = "large"
    assert summary_problems(broken, about.document) == [
        "source s_crawled stands in 2 sections, not in one",
        "source s_other stands in 0 sections, not in one",
        "size class large: 60000 words are small",
    ]


def test_preference_pairs_stand_where_they_belong() -> None:
    summary = build_content_summary(use_case(), measured(), profile(), pairs(human=0))
    counted = {
        part["class"]: {o: c["value"] for o, c in part["pairs"].items()}
        for part in summary["sections"]
        if part["pairs"]
    }
    assert counted == {"user_data": {"observed": 3}, "synthetic": {"corpus": 6}}
    used = {part["class"] for part in summary["sections"] if part["used"]}
    assert used == {"public_dataset", "user_data", "synthetic"}
    assert next(p for p in summary["sections"] if p["class"] == "synthetic")["generators"] == ["pkg:tiny/model.gguf"]
    assert not any(part["pairs"] for part in build_content_summary(use_case(), measured(), profile())["sections"])


@pytest.mark.parametrize(("tokens", "size"), [(0, "small"), (10**9 - 1, "small"), (10**9, "medium"), (10**13, "large")])
def test_size_classes_of_the_template(tokens: int, size: str) -> None:
    assert text_bin(tokens)["id"] == size


def test_a_size_near_a_border_says_so() -> None:
    clear = build_content_summary(use_case(), measured(), profile())["size"]
    near = build_content_summary(use_case(), measured(words_total=6 * 10**8, utf8_bytes=4 * 10**9), profile())
    assert clear["certain"] and not near["size"]["certain"]
    assert "near the border" in render_content_summary(near)


def test_a_small_provider_names_fewer_domains() -> None:
    largest = profile().document["crawled_domains"]["largest_tenth"]
    assert top_domains(largest, 40, False) == largest and top_domains(largest, 40, True) == largest[:2]
    many = [{"domain": str(i)} for i in range(3000)]
    assert len(top_domains(many, 30_000, True)) == 1000
    uc, about = every_class()
    page = render_content_summary(build_content_summary(uc, about, profile()))
    assert all(f"`d{i}.example`" in page for i in range(4))


def test_yes_and_no_are_answers_and_silence_is_a_gap() -> None:
    said = build_content_summary(use_case(training_content={"continuously_trained": False}), measured(), profile())
    assert said["general"]["continuously_trained"] == {"text": "no"}
    assert "training_content.continuously_trained" not in find_gaps(
        said
    ) and "training_content.last_update" in find_gaps(said)
    assert "training_content.crawlers" not in find_gaps(said)  # nothing was crawled
    with pytest.raises(ValidationError, match="last_update"):
        use_case(training_content={"last_update": "02/2026"})


# --- all of them
# -------------------------------------------------------------------------------------------------------


def documents(uc) -> list[tuple[dict, str]]:
    about, found = measured(), profile()
    log, sheet = build_bias_log(uc, about, found), build_datasheet(uc, about, found)
    card, summary = build_dataset_card(uc, about, found, {}), build_content_summary(uc, about, found, pairs())
    return [
        (log, render_bias_log(log)),
        (sheet, render_datasheet(sheet)),
        (card, render_dataset_card(card)),
        (summary, render_content_summary(summary)),
    ]


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
