"""Diversity of a corpus on cases counted by hand, in both languages. Does not belong here: thresholds (governance)."""

from __future__ import annotations

import math
import random

import polars as pl
import pytest

from genaiops_assets.corpus import (
    GroupMentions,
    Sample,
    domain_of,
    domains_by_volume,
    duplication,
    entropy,
    lexical_diversity,
)
from genaiops_assets.corpus.profile import IGNORED, group_terms, mtld
from genaiops_assets.payloads.profile_corpus import terms_of, topics_of


def mentions(*texts: str) -> dict[str, dict[str, int]]:
    counted = GroupMentions()
    for text in texts:
        counted.add(pl.Series([text]))
    return counted.figures()


def test_entropy_of_sources() -> None:
    assert entropy({"a": 1, "b": 1}) == {"bits": 1.0, "normalised": 1.0}
    assert entropy({"a": 3, "b": 1})["bits"] == pytest.approx(
        -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)), abs=1e-6
    )
    assert entropy({"a": 9, "b": 0}) == entropy({}) == {"bits": 0.0, "normalised": 0.0}


def test_mtld_by_hand() -> None:
    # "a a": after two tokens the ratio is 0.5, one whole factor, so four equal tokens are two factors of two tokens
    # each.
    assert mtld(["a"] * 4) == 2.0
    # All different: no factor, the partial one is zero, so the length itself.
    assert mtld(["a", "b", "c"]) == 3.0
    # a b a b: 1, 1, 0.67 → one factor at the third token; the rest "b" adds nothing: 4 / 1, both ways.
    assert mtld(["a", "b", "a", "b"]) == 4.0
    assert mtld([]) == 0.0


def test_lexical_diversity_counts_types() -> None:
    assert lexical_diversity(["a", "b", "a", "b"]) == {"tokens": 4, "types": 2, "type_token_ratio": 0.5, "mtld": 4.0}


def test_repetition_is_of_the_rows_that_could_be_read() -> None:
    rows = [
        {"outcome": "kept", "operator": ""},
        {"outcome": "rejected", "operator": "text_length_filter"},
        {"outcome": "duplicate", "operator": "document_deduplicator"},
        {"outcome": "duplicate", "operator": "document_minhash_deduplicator"},
        {"outcome": "quarantined", "operator": ""},
    ]
    found = duplication(rows)
    assert (found["rows_read"], found["exact"], found["near"], found["near_rate"], found["rate"]) == (
        4,
        1,
        1,
        0.25,
        0.5,
    )
    assert duplication([])["rate"] == 0.0


def test_english_mentions_are_whole_words_in_any_case() -> None:
    found = mentions("The manager met a WOMAN and her sons; mankind, Herman.", "Elderly customers, not the child.")
    assert found["gender"] == {"female": 2, "male": 1, "other_or_neutral": 0}
    assert (found["age"]["older_people"], found["age"]["children"]) == (1, 1)


def test_chinese_mentions_are_the_longest_term_and_not_part_of_another_word() -> None:
    found = mentions("其他读者与他人：她和他都是老年人，未成年人须陪同。")
    assert found["gender"] == {"female": 1, "male": 1, "other_or_neutral": 0}
    assert (found["age"]["older_people"], found["age"]["children"], found["age"]["adults"]) == (1, 1, 0)


def test_every_group_has_terms_of_its_own_in_both_languages() -> None:
    terms = [
        t
        for c, groups in group_terms().items()
        if c != IGNORED
        for g in groups.values()
        for tongue in ("en", "zh")
        for t in g[tongue]
    ]
    assert len(terms) == len(set(terms)) and all(t == t.lower() for t in terms)
    assert all(g["en"] and g["zh"] for c, groups in group_terms().items() if c != IGNORED for g in groups.values())


@pytest.mark.parametrize(
    ("origin", "domain"),
    [
        ("https://www.Example.org:8080/a?b", "example.org"),
        ("http://a.b.co.uk./", "a.b.co.uk"),
        ("docs/a.jsonl:3", None),
        ("s3://bucket/x", None),
        ("https://", None),
        ("https://[bad", None),
    ],
)
def test_domain_of_an_origin(origin: str, domain: str | None) -> None:
    assert domain_of(origin) == domain


def test_the_largest_tenth_of_the_domains() -> None:
    volumes = {f"d{i:02}": (i, 1) for i in range(20)} | {"tie": (19, 5)}
    assert [d["domain"] for d in domains_by_volume(volumes)] == ["d19", "tie", "d18"]  # a tenth of 21, rounded up
    assert (
        domains_by_volume({"one": (1, 1)}) == [{"domain": "one", "bytes": 1, "documents": 1}]
        and domains_by_volume({}) == []
    )
    assert len(domains_by_volume({f"{i}": (i, 1) for i in range(20)})) == 2


def test_a_sample_is_the_same_in_any_order() -> None:
    ids = [f"doc{i}" for i in range(500)]
    shuffled = random.Random(3).sample(ids, len(ids))
    one, other, seeded = Sample(50, 17), Sample(50, 17), Sample(50, 18)
    one.add(ids), other.add(shuffled[:99]), other.add(shuffled[99:]), seeded.add(ids)
    assert one.ids() == other.ids() and len(set(one.ids())) == 50 and one.ids() != seeded.ids()


ENGLISH = {
    "cards": "credit card payment limit virtual card",
    "books": "library book shelf reader loan book",
    "trains": "train station ticket platform",
}
CHINESE = {"卡": "信用卡额度还款账单信用卡", "书": "图书馆书架借阅读者图书", "车": "列车车站车票站台列车"}


@pytest.mark.parametrize("themes", [ENGLISH, CHINESE])
def test_topics_find_planted_themes(themes: dict[str, str]) -> None:
    picked = random.Random(5)
    join = " " if themes is ENGLISH else "，"
    words = {
        name: text.split() if themes is ENGLISH else [text[i : i + 4] for i in range(0, len(text) - 3, 2)]
        for name, text in themes.items()
    }
    texts = [
        join.join(picked.choices(words[name], k=12))
        for name, n in zip(themes, (30, 20, 10), strict=True)
        for _ in range(n)
    ]
    topics = topics_of(texts, 3, seed=17)
    assert [t["documents"] for t in topics] == [30, 20, 10] and [t["share"] for t in topics] == [
        0.5,
        0.333333,
        0.166667,
    ]
    whole = "".join(themes.values()).replace(" ", "")
    assert all(set(term) <= set(whole) for t in topics for term in t["terms"])
    assert topics == topics_of(texts, 3, seed=17)


def test_too_little_text_has_no_topics() -> None:
    assert topics_of(["a fee", "the"], 8, seed=1) == [] and topics_of([], 8, seed=1) == []


def test_terms_are_content_words_and_character_pairs() -> None:
    assert terms_of("The Bank's fee of 30, 借阅的图书") == ["bank's", "fee", "借阅", "图书"]
