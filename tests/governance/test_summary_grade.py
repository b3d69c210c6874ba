"""Our own grade of the public summary: an honest function of the document, good for a good one and bad for a bad one."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evidence import html_page
from genaiops_assets.governance.documents import build_content_summary, documents, render_content_summary
from genaiops_assets.governance.documents.summary_grade import TESTS, grade, misses, points
from tests.governance.data_evidence import measured, pairs, profile, source
from tests.governance.evidence import use_case

GOOD = {
    "version": "1.0", "last_update": "2026-11-30", "provider": "Example Bank", "provider_contact": "data@bank.example",
    "authorised_representative": "None needed.", "model_names": ["assistant 1.0"],
    "base_model_summary": "Its provider published no summary that we know of.", "placed_on_market": "2026-11-30",
    "latest_collection": "2026-11", "continuously_trained": False, "types_of_content": "Articles on bank products.",
    "linguistic_characteristics": "English, an official language of the Union.", "other_characteristics": "No persons.",
    "public_datasets": "One set of published articles, collected in 2026.", "user_data": "Questions asked of the assistant.",
    "other_sources": "Answers that agents wrote.", "code_of_practice_signatory": False,
    "rights_reservations": "Nothing is crawled.", "illegal_content": "A filter of flagged words.", "other_processing": "None.",
    "linked_from": ["https://bank.example/README"], "legal_documents_at": "https://bank.example/legal",
}  # fmt: skip


def summary(changes: dict[str, Any] | None = None, **corpus: Any) -> dict[str, Any]:
    said = GOOD | (changes or {})
    return build_content_summary(use_case(training_content=said), measured(**corpus), profile(), pairs(human=0))


def missed(made: dict[str, Any]) -> list[str]:
    return [point["id"] for point in made["grade"]["points"] if not point["met"]]


def test_every_point_has_a_test_and_a_section_and_is_said_in_both_languages() -> None:
    asked = points()
    assert [p["id"] for p in asked["points"]] and {p["id"] for p in asked["points"]} == TESTS.keys()
    assert {p["section"] for p in asked["points"]} == {s["id"] for s in asked["sections"]}
    assert all(p["en"] and p["zh"] for p in (*asked["points"], *asked["sections"]))
    named = {by for p in asked["points"] for by in p["asked_by"].split(", ")}
    assert {f"P{n}" for n in range(1, 9)} | {"A", "T"} == named


def test_a_good_summary_meets_every_point() -> None:
    made = summary()
    assert misses(made["grade"]) == [] and made["grade"]["met"] == made["grade"]["asked"] == len(TESTS)


def test_an_empty_summary_misses_what_it_lacks_and_says_so_on_its_page() -> None:
    made = build_content_summary(use_case(), measured(), profile(), pairs())
    lacking = missed(made)
    assert {"nothing_is_silent", "is_linked", "common_place", "provider_named", "versions", "reservations"} <= set(
        lacking
    )
    assert made["grade"]["met"] == len(TESTS) - len(lacking) and len(lacking) > 14
    document = documents()["training_content_summary"]
    found = document.judge("reviewers_points_are_met", made, {}).problems
    assert len(found) == len(lacking) and found[0].startswith("is_linked (P2)")
    page = render_content_summary(made)
    assert (
        "It names one place for all legal documents (P5)" in page
        and f"**{made['grade']['met']} / {len(TESTS)}**" in page
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"linked_from": []}, ["is_linked"]),
        ({"legal_documents_at": ""}, ["common_place"]),
        ({"version": "2.0"}, ["versions"]),
        ({"version": "2.0", "earlier_versions": ["https://bank.example/1"]}, []),
        ({"last_update": ""}, ["nothing_is_silent", "last_updated"]),
        ({"base_model_summary": "https://hub.example/model"}, ["stands_alone"]),
        ({"linguistic_characteristics": "English."}, ["union_languages"]),
        ({"other_characteristics": "Chosen for full transparency."}, ["no_self_praise"]),
        ({"public_datasets": "One set of published articles."}, ["public_described"]),
        ({"public_datasets": "Articles of 2026, toxic ones removed."}, ["in_its_place"]),
        ({"user_data": ""}, ["nothing_is_silent", "user_data_described"]),
        ({"types_of_content": ""}, ["nothing_is_silent", "types_of_content"]),
        ({"continuously_trained": None}, ["nothing_is_silent", "continuous_training"]),
        ({"illegal_content": ""}, ["nothing_is_silent", "illegal_content_removed"]),
        ({"placed_on_market": "", "not_placed_because": "Used in house alone."}, []),
        ({"placed_on_market": ""}, ["nothing_is_silent", "market_date"]),
    ],
)
def test_one_thing_wrong_is_one_point_lost(changes: dict[str, Any], expected: list[str]) -> None:
    assert missed(summary(changes)) == expected


def test_what_the_corpus_says_counts_too() -> None:
    near = {"words_total": 6 * 10**8, "utf8_bytes": 4 * 10**9}
    assert missed(summary(None, **near)) == ["size_is_certain"]
    assert missed(summary(None, sources=[source("faq", owner="")])) == ["data_are_known"]


def test_the_page_itself_is_looked_at() -> None:
    made = summary()
    page = html_page(render_content_summary(made))
    bare = page.replace('<meta name="description"', "<meta name=x").replace("<h1>Public", "<h1>Some")
    lost = [p["id"] for p in grade(made, bare)["points"] if not p["met"]]
    assert lost == ["has_the_title", "can_be_found"]
    shuffled = {**made, "sections": made["sections"][::-1]}
    assert "follows_the_template" in [p["id"] for p in grade(shuffled, page)["points"] if not p["met"]]
