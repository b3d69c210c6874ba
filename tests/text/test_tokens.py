"""Words, numbers, sentences and script, in English and Chinese."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.text import language, ngrams, normalise, sentence_spans, sentences, words
from tests.support.growth import grows_no_faster_than_its_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Rate is 4.5%, don't worry", ["the", "rate", "is", "4.5%", "don't", "worry"]),
        ("$1,000 or 1000.00 or １，０００", ["1000", "or", "1000", "or", "1000"]),
        ("4.50 % and 4.5%", ["4.5%", "and", "4.5%"]),
        ("年利率为4.5%", ["年", "利", "率", "为", "4.5%"]),
        ("doc_rates_001 on 2024-01-05", ["doc_rates_001", "on", "2024", "01", "05"]),
        ("It’s the 3rd", ["it's", "the", "3rd"]),
        ("用Python3写", ["用", "python3", "写"]),
        ("", []),
        ("…!?", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_ngrams_are_neighbouring_runs() -> None:
    assert ngrams(["a", "b", "c"], 2) == [("a", "b"), ("b", "c")]
    assert ngrams(["a"], 2) == []
    with pytest.raises(ValueError, match="n >= 1"):
        ngrams(["a"], 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith paid 4.5% to Acme Inc. in June. Why? Nobody knows!", 3),
        ("Growth in the U.S. economy was 3.2 percent, e.g. in services.", 1),
        ("See Fig. 3 and No. 5 of the report. Then stop.", 2),
        ('"Really?" He left.', 2),
        ("See https://a.example/x?y=1.2 for more. Done.", 2),
        ("利率是3.5%。真的吗？是的！", 3),
        ("他说：“你好。”然后走了。", 2),
        ("A title without a stop\n\nThe first line.", 2),
        ("1. First thing\n2. Second thing", 2),
        ("一句没有句号的话", 1),
        (" \n ", 0),
    ],
)
def test_sentence_count(text: str, expected: int) -> None:
    assert len(sentences(text)) == expected


def test_closing_quotes_stay_with_their_sentence() -> None:
    assert sentences("他说：“你好。”然后走了。") == ["他说：“你好。”", "然后走了。"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the overdraft fee?", "en"),
        ("透支费用是多少？", "zh"),
        ("请用 Kubernetes 部署这个服务", "zh"),
        ("The word 利率 means an interest rate", "en"),
        ("金利はいくらですか", "other"),
        ("Каков размер комиссии?", "other"),
        ("1234 !!", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected


_TEXT = st.text(st.one_of(st.characters(), st.sampled_from(list("ab .!?。！？”\n\t1２,.%-#'’\u200b"))), max_size=80)


@settings(max_examples=300, deadline=None)
@given(_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert words(normalise(text)) == words(text)


@settings(max_examples=300, deadline=None)
@given(_TEXT)
def test_sentences_hold_every_visible_character_once_and_in_order(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


@pytest.mark.parametrize("unit", ["1", "1,000,", "a.", "。", "\n ", "1 %", "a'"])
def test_the_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_no_faster_than_its_text(words, unit, end="x")
    assert grows_no_faster_than_its_text(sentence_spans, unit, end="x")
