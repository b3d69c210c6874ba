"""The packaged sets: as many as promised, of the promised length, and no subject of a packaged example."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from genaiops_assets.evaluation import packaged_choices, packaged_languages, packaged_texts, sets_digest
from genaiops_assets.text import language, words


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_the_texts_are_of_many_kinds_and_of_like_length(tongue: str) -> None:
    texts = packaged_texts(tongue)
    assert len(texts) == 12 == len({t.id for t in texts}) == len({t.text for t in texts})
    assert all(language(t.text) == tongue for t in texts)
    least, most = (60, 120) if tongue == "en" else (120, 180)
    assert all(least <= len(words(t.text)) <= most for t in texts), [len(words(t.text)) for t in texts]
    assert all(t.bytes == len(t.text.encode("utf-8")) for t in texts)
    if tongue == "zh":
        assert not any(re.search(r"\s", t.text) for t in texts)


@pytest.mark.parametrize(("tongue", "each"), [("en", 10), ("zh", 5)])
def test_the_questions_have_four_options_each_another(tongue: str, each: int) -> None:
    choices = packaged_choices(tongue)
    assert Counter(c.about for c in choices) == dict.fromkeys(
        ("knowledge", "arithmetic", "language", "reasoning"), each
    )
    assert len({c.question for c in choices}) == len(choices)
    assert all(len(set(c.options)) == 4 and all(isinstance(o, str) for o in c.options) for c in choices)


def test_no_packaged_example_was_trained_on_the_subject() -> None:
    whole = " ".join(t.text for tongue in ("en", "zh") for t in packaged_texts(tongue))
    whole += " ".join(c.question + " ".join(c.options) for tongue in ("en", "zh") for c in packaged_choices(tongue))
    assert not re.search(r"\b(?:banks?|librar\w+|loans?|accounts?)\b|银行|图书馆|借书|账户", whole, re.IGNORECASE)


def test_the_language_of_the_use_case_comes_first() -> None:
    assert packaged_languages("zh") == ("zh", "en") and packaged_languages("en") == ("en", "zh")
    assert re.fullmatch("[0-9a-f]{64}", sets_digest())
