"""A batch of texts on its way through a recipe, and what several operators need of it, worked out once.

Belongs here: code points, words and their numbers. Does not belong here: what an operator makes of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

VOCABULARY_LIMIT = (
    250_000  # words; then it starts anew: Chinese sentences without spaces are words that never come again
)


class Vocabulary(dict[str, int]):
    """Words as they stand in texts, numbered as they come, with Data-Juicer's refined form of each: lower case,
    special characters stripped from both ends. Numbers hold within one batch only."""

    def __init__(self) -> None:
        from data_juicer.ops.common.helper_func import strip
        from data_juicer.ops.common.special_characters import SPECIAL_CHARACTERS

        super().__init__()
        self._strip, self._special = strip, SPECIAL_CHARACTERS
        self.refined: list[str] = []
        self.stays: list[
            bool
        ] = []  # something is left of the word when special characters are stripped, its case untouched
        self._numbers: dict[str, int] = {"": 0}
        self.numbers: list[int] = []  # of the refined form; 0 where nothing is left

    def __missing__(self, word: str) -> int:
        lower = word.lower()
        refined = self._stripped(lower)
        self[word] = number = len(self.refined)
        self.refined.append(refined)
        self.stays.append(bool(refined if lower == word else self._stripped(word)))
        self.numbers.append(self._numbers.setdefault(refined, len(self._numbers)))
        return number

    def _stripped(self, word: str) -> str:
        special = self._special
        return self._strip(word, special) if word[0] in special or word[-1] in special else word

    def fresh(self) -> Vocabulary:
        return self if len(self) < VOCABULARY_LIMIT else Vocabulary()


@dataclass
class Words:
    """All words of a batch: `ids` index the vocabulary, document d has ids[offsets[d]:offsets[d+1]]."""

    ids: np.ndarray
    offsets: np.ndarray
    vocabulary: Vocabulary

    def share(self, members: np.ndarray) -> np.ndarray:
        """Of the refined words of each document that are not empty, the share that is a member; `members`: flag by
        vocabulary number."""
        there = np.array(self.vocabulary.numbers, dtype=np.int64)[self.ids] > 0
        return ratio(sums(members[self.ids] & there, self.offsets), sums(there, self.offsets))


@dataclass
class Batch:
    """`texts`: what the recipe has made of them so far; `fields`: the documents' other columns, same order."""

    texts: pl.Series
    fields: pl.DataFrame
    shared: Shared = field(default_factory=lambda: Shared())

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def list(self) -> list[str]:
        return self.texts.to_list()

    @cached_property
    def lengths(self) -> np.ndarray:
        """Characters of each text."""
        return self.texts.str.len_chars().to_numpy().astype(np.int64)

    @cached_property
    def offsets(self) -> np.ndarray:
        return offsets_of(self.lengths)

    @cached_property
    def code_points(self) -> np.ndarray:
        """All characters of all texts in a row; document d has code_points[offsets[d]:offsets[d+1]]."""
        return np.frombuffer("".join(self.list).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)

    @cached_property
    def words(self) -> Words:
        """Words as Data-Juicer splits them: at blanks, line feeds and tabs, empty ones left out."""
        vocabulary = self.shared.vocabulary()
        number = vocabulary.__getitem__
        split = [list(map(number, filter(None, t.replace("\n", " ").replace("\t", " ").split(" ")))) for t in self.list]
        ids = np.array(list(chain.from_iterable(split)), dtype=np.int64)
        return Words(ids, offsets_of([len(words) for words in split]), vocabulary)

    def filtered(self, keep: np.ndarray) -> Batch:
        mask = pl.Series(keep)
        return Batch(self.texts.filter(mask), self.fields.filter(mask), self.shared)

    def with_texts(self, texts: pl.Series) -> Batch:
        return Batch(texts, self.fields, self.shared)


class Shared:
    """What outlives a batch in one worker."""

    def __init__(self) -> None:
        self._vocabulary: Vocabulary | None = None

    def vocabulary(self) -> Vocabulary:
        self._vocabulary = self._vocabulary.fresh() if self._vocabulary is not None else Vocabulary()
        return self._vocabulary


def offsets_of(lengths: Sequence[int] | np.ndarray) -> np.ndarray:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def sums(flags: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Flags set in each document."""
    running = np.zeros(len(flags) + 1, dtype=np.int64)
    np.cumsum(flags, out=running[1:])
    return running[offsets[1:]] - running[offsets[:-1]]


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros(len(whole), dtype=np.float64), where=whole != 0)


def bytes_of(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """UTF-8 bytes of all texts in a row, and the offsets of each."""
    encoded = [t.encode("utf-8", "surrogatepass") for t in texts]
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets_of([len(e) for e in encoded])


Fields = dict[str, Any]
