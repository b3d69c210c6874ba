"""The public summary of training content: what it says, cites, refuses and names as gaps, from small evidence."""

from __future__ import annotations

import copy

import pytest
from pydantic import ValidationError

from genaiops_assets.evidence import find_gaps
from genaiops_assets.governance.documents import (
    CLASSES,
    build_content_summary,
    classify,
    crawled_sources,
    documents,
    render_content_summary,
    summary_problems,
    text_bin,
    top_domains,
)
from tests.governance.data_evidence import measured, pairs, profile, source
from tests.governance.evidence import use_case


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


def test_the_page_is_there_in_the_other_language_too_and_peoples_words_stay() -> None:
    uc, about = every_class()
    said = uc.training_content.model_copy(update={"continuously_trained": False, "provider": "Example Bank"})
    summary = build_content_summary(uc.model_copy(update={"training_content": said}), about, profile(), pairs())
    (name, page), *others = documents()["training_content_summary"].further_pages(summary).items()
    assert name == "training_content_summary.zh.md" and not others
    for words in ("训练内容公开摘要", "少于 10 亿词元", "2.3 网络抓取数据", "用例中已注明", "Example Bank", "\n否\n"):
        assert words in page, words
    assert "Data crawled" not in page and "stated in the use case" not in page
