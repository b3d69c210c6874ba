"""Parts of a question: one that says much asks for several things, and an embedding model reads only its beginning.

Belongs here: cutting a long question between its sentences. Does not belong here: searching for the parts
(`search.py`)."""

from __future__ import annotations

from genaiops_assets.text import sentences, words

WORDS = 50  # of a part; Chinese characters count one each
LONG = 2 * WORDS  # a question up to here stays whole


def parts_of(question: str) -> list[str]:
    """The question, or where it has more than 100 words its sentences packed into parts of up to 50; a longer sentence
    is a part of its own."""
    if len(words(question)) <= LONG:
        return [question]
    parts, size = list[list[str]](), WORDS
    for sentence in sentences(question):
        length = len(words(sentence))
        if size + length > WORDS or not parts:
            parts.append([])
            size = 0
        parts[-1].append(sentence)
        size += length
    return [" ".join(part) for part in parts]
