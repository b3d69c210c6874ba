"""Search terms: what a text is indexed under, and looked for by, in full-text search.

Belongs here: the one way of making terms, for passages and questions alike. English words stand alone, lower-cased;
Chinese, which has no spaces, as overlapping pairs of neighbouring characters, which needs no dictionary and finds
words it never saw (Nie and Ren 1999). Does not belong here: stemming and scoring (the index). Another way of making
terms needs another name of their column, so that tables are written anew."""

from __future__ import annotations

from collections.abc import Iterator

from genaiops_assets.text import lone_characters, word_spans


def search_terms(text: str) -> list[str]:
    """The terms of a text in order: "Fee: 95 元", "逾期费用" → fee, 95, 元 and 逾期, 期费, 费用. A lone Chinese
    character is a term of its own."""
    return list(_terms(text))


def _terms(text: str) -> Iterator[str]:
    before, reached, alone = "", -1, False  # the character before, where it ends, and whether it is in no pair yet
    for word, start, end in word_spans(text):
        if not lone_characters(word):
            if alone:
                yield before
            yield word
            before, alone = "", False
            continue
        joins = bool(before) and start == reached
        if joins:
            yield before + word
        elif alone:
            yield before
        before, reached, alone = word, end, not joins
    if alone:
        yield before
