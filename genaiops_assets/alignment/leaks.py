"""Leaks: preference pairs that share a question or a long n-gram with a golden question.

Belongs here: finding them. Does not belong here: test items in the corpus (`corpus/decontamination.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from genaiops_assets.text import ngrams, words

NGRAM = 8


def find_leaks(rows: Iterable[dict[str, Any]], golden: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """(pair id, golden id) where a pair shares a question or an 8-gram of words with a golden question or answer."""
    owners: dict[tuple[str, ...], str] = {}
    for item in golden:
        for text in (item["question"], item["answer"]):
            spoken = words(text)
            if spoken:  # what nothing answers has no answer
                owners[tuple(spoken)] = item["id"]
            owners.update({tuple(gram): item["id"] for gram in ngrams(spoken, NGRAM)})
    found = []
    for row in rows:
        for text in (row["question"], row["chosen"], row["rejected"]):
            spoken = words(text)
            grams = [tuple(spoken), *(tuple(g) for g in ngrams(spoken, NGRAM))]
            hit = next((owners[g] for g in grams if g in owners), None)
            if hit:
                found.append((row["id"], hit))
                break
    return found
