"""Figures about a corpus: small cases counted by hand, and one pass in batches against the whole. Does not belong
here: the funnel of a whole run (`test_filtering.py`)."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import quantiles, shares, text_lengths
from genaiops_assets.corpus.statistics import describe, length_histogram
from genaiops_assets.corpus.word_counts import word_counts
from genaiops_assets.text import words

ROWS = [
    {"language": "en", "source": "a", "license": "MIT", "text": "Mail ann@example.com now.", "first_seen": 1},
    {"language": "zh", "source": "b", "license": "CC0-1.0", "text": "借期三十天。", "first_seen": 3},
]
words_and_marks = st.lists(st.sampled_from([*"ab 九'’.,0 1_é😀\n，", "don't", "1,000.50"]), max_size=40).map("".join)


def test_quantiles_of_values_in_any_order() -> None:
    assert quantiles([5, 1, 4, 2, 3]) == {"min": 1, "p25": 2, "median": 3, "p75": 4, "p95": 5, "max": 5}
    assert set(quantiles([]).values()) == {0}


def test_a_corpus_is_described_in_numbers_only() -> None:
    figures = describe([pl.DataFrame(ROWS)])
    assert (figures["instances"], figures["languages"]) == (2, {"en": 1, "zh": 1})
    assert figures["language_shares"] == {"en": 0.5, "zh": 0.5}
    assert (figures["documents_by_source"], figures["pii_counts"]) == ({"a": 1, "b": 1}, {"EMAIL": 1})
    assert figures["documents_by_license"] == {"CC0-1.0": 1, "MIT": 1}
    assert (figures["bytes_by_source"], figures["utf8_bytes"]) == ({"a": 25, "b": 18}, 43)
    assert figures["text_length"] == {
        "unit": "characters",
        "min": 6,
        "p25": 6,
        "median": 25,
        "p75": 25,
        "p95": 25,
        "max": 25,
    }
    assert (figures["words_total"], figures["words"]["max"]) == (10, 5)
    assert figures["first_seen"] == {"first": 1, "last": 3}


def test_an_empty_corpus_has_zeros() -> None:
    figures = describe([])
    assert (figures["instances"], figures["words_total"], figures["first_seen"]) == (0, 0, {"first": 0, "last": 0})


@given(
    st.lists(st.tuples(st.sampled_from(["en", "zh", "other"]), st.text(max_size=30), st.integers(1, 9)), max_size=20),
    st.integers(1, 7),
)
@settings(max_examples=60, deadline=None)
def test_batches_of_any_size_give_the_figures_of_the_whole(found: list[tuple[str, str, int]], size: int) -> None:
    rows = [{"language": a, "source": f"s{n % 3}", "license": "MIT", "text": t, "first_seen": n} for a, t, n in found]
    schema = pa.schema(
        [
            ("language", pa.string()),
            ("source", pa.string()),
            ("license", pa.string()),
            ("text", pa.string()),
            ("first_seen", pa.int64()),
        ]
    )
    whole = pa.Table.from_pylist(rows, schema)
    assert describe(whole.to_batches(max_chunksize=size)) == describe([whole])
    assert list(text_lengths(whole.to_batches(max_chunksize=size))) == [len(t) for _, t, _ in found]


def test_length_histogram_counts_every_length_once() -> None:
    histogram = length_histogram([0, 1, 9, 10, 10, 999_999, 10**9])
    assert len(histogram["edges"]) == len(histogram["counts"]) and sum(histogram["counts"]) == 7
    assert histogram["counts"][histogram["edges"].index(10)] == 2 and histogram["counts"][-1] == 1


def test_shares_add_up_to_one() -> None:
    assert shares({"b": 1, "a": 3}) == {"a": 0.75, "b": 0.25} and shares({}) == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("don't pay 1,000.50 dollars.", 4),
        ("借期30天", 4),
        ("e.g. 3.5% of_it", 4),
        ("'tis John's", 2),
        ("ab，cd", 2),
        ("naïve café", 2),
        ("1.2.", 1),
    ],
)
def test_words_by_the_named_definition(text: str, count: int) -> None:
    assert list(word_counts([text])) == [count]


@given(st.lists(words_and_marks, max_size=8))
@settings(max_examples=200, deadline=None)
def test_words_of_a_text_do_not_depend_on_its_neighbours(texts: list[str]) -> None:
    assert list(word_counts(texts)) == [int(word_counts([t])[0]) for t in texts]


def test_words_are_those_of_the_tokeniser_on_plain_prose() -> None:
    prose = ["The fee is $1,000.00, not 4.5 %; the bank's rule (see 2b) holds.", "图书馆每天9点开门，逾期费0.1元。OK？"]
    assert list(word_counts(prose)) == [len(words(t)) for t in prose]
