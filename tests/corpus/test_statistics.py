"""Figures about a corpus: small cases counted by hand. Does not belong here: the funnel of a whole run (`test_filtering.py`)."""

from __future__ import annotations

from genaiops_assets.corpus import describe, quantiles


def test_quantiles_of_values_in_any_order() -> None:
    assert quantiles([5, 1, 4, 2, 3]) == {"min": 1, "p25": 2, "median": 3, "p75": 4, "p95": 5, "max": 5}
    assert set(quantiles([]).values()) == {0}


def test_a_corpus_is_described_in_numbers_only() -> None:
    rows = [
        {"language": "en", "source": "a", "text": "Mail ann@example.com now.", "first_seen": 1},
        {"language": "zh", "source": "b", "text": "借期三十天。", "first_seen": 3},
    ]
    figures = describe(rows)
    assert (figures["instances"], figures["languages"]) == (2, {"en": 1, "zh": 1})
    assert (figures["documents_by_source"], figures["pii_counts"]) == ({"a": 1, "b": 1}, {"EMAIL": 1})
    assert figures["text_length"] == {"unit": "characters", "min": 6, "p25": 6, "median": 25, "p75": 25, "p95": 25, "max": 25}
    assert figures["first_seen"] == {"first": 1, "last": 3}


def test_an_empty_corpus_has_zeros() -> None:
    figures = describe([])
    assert (figures["instances"], figures["words_total"], figures["first_seen"]) == (0, 0, {"first": 0, "last": 0})
