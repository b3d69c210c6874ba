"""Decontamination: test items (golden questions, benchmarks, retrieval queries) searched in documents by normalised
n-grams.

Belongs here: what counts as a test item found in a text, and finding it fast and in bounded memory. Does not belong
here: which files hold the items, or what becomes of a document. The search is exact: it equals the comparison of all
n-grams of `text.words`; hashes only decide where that comparison is made at all.

An item's n-grams are runs of `n` words (13 by default, as in the GPT-3 report's Appendix C); in Chinese, where every
character is a token, of 1.5 n characters. An item shorter than that is one n-gram as a whole. An n-gram must hold at
least LETTERS runs of letters (in Chinese: characters): numbers and formulas alone say too little. Items without any
such n-gram are not searched, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.errors import Unusable
from genaiops_assets.text import Hashes, hashed_rows, language, mixed, ngrams, rolled, unit_hashes, words

N = 13
HAN_PER_WORD = 1.5
LETTERS = 5
_SLOTS = 22  # bits of the first, inexact look-up table (4 MB)
_TOP = np.uint64(64 - _SLOTS)


@dataclass(frozen=True)
class Item:
    """One text that must not be learned: `item_set` golden, a retrieval set or a benchmark; `field` question, answer,
    …"""

    item_set: str
    item_id: str
    field: str
    text: str


@dataclass(frozen=True)
class Hit:
    """An item found in a text. `overlap`: share of the item's distinct n-grams that the text holds, in (0, 1]; `span`:
    the longest run of matched words, as `words(text)[span[0]:span[1]]`."""

    item_set: str
    item_id: str
    field: str
    overlap: float
    found: int
    ngrams: int
    span: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "span": list(self.span)}


@dataclass(frozen=True)
class _Grams:
    """The distinct n-grams of one length. Row i of `tokens` has hash `hashes[i]` (ascending) and belongs to the items
    `owners[i]`."""

    hashes: Hashes
    tokens: NDArray[np.int64]
    owners: list[list[int]]


@dataclass(frozen=True)
class _LookUp:
    """Ascending hashes, and a table that says for their first bits whether any hash has them."""

    hashes: Hashes
    slots: NDArray[np.bool_]


@dataclass(frozen=True)
class Contamination:
    """The items, prepared. Deterministic and picklable; `from_config(to_config())` is the same search."""

    items: tuple[Item, ...]
    n: int
    too_short: tuple[Item, ...] = ()
    _sizes: tuple[int, ...] = ()
    _vocabulary: dict[str, int] = field(default_factory=dict, repr=False)
    _grams: dict[int, _Grams] = field(default_factory=dict, repr=False)
    _anchors: _LookUp = field(default_factory=lambda: _looked_up(()), repr=False)
    _runs: dict[int, Hashes] = field(default_factory=dict, repr=False)

    @classmethod
    def from_items(cls, items: Iterable[Item | dict[str, str]], n: int = N) -> Contamination:
        """Raises ValueError when n < 2."""
        if n < 2:
            raise Unusable(f"decontaminate.n: an n-gram needs at least 2 words, not {n}")
        kept: list[Item] = []
        short: list[Item] = []
        sizes: list[int] = []
        lengths: dict[int, dict[tuple[str, ...], list[int]]] = {}
        anchors: set[int] = set()
        runs: dict[int, set[int]] = {}
        for given in items:
            item = given if isinstance(given, Item) else Item(**given)
            length, grams = _grams_of(item.text, n)
            if not grams:
                short.append(item)
                continue
            for gram in grams:
                lengths.setdefault(length, {}).setdefault(gram, []).append(len(kept))
            for anchor, width, run in grams.values():
                anchors.add(anchor)
                runs.setdefault(width, set()).add(run)
            kept.append(item)
            sizes.append(len(grams))
        vocabulary = {
            t: i for i, t in enumerate(sorted({t for owners in lengths.values() for gram in owners for t in gram}))
        }
        prepared = {length: _prepared(owners, vocabulary) for length, owners in sorted(lengths.items())}
        whole = {width: np.array(sorted(found), np.uint64) for width, found in sorted(runs.items())}
        return cls(tuple(kept), n, tuple(short), tuple(sizes), vocabulary, prepared, _looked_up(anchors), whole)

    def to_config(self) -> dict[str, Any]:
        """Plain JSON: what a payload's job file carries."""
        return {"n": self.n, "items": [asdict(i) for i in (*self.items, *self.too_short)]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Contamination:
        return cls.from_items(config["items"], config["n"])

    def search(self, texts: Sequence[str]) -> list[list[Hit]]:
        """The items found in each text, best first. Texts without any cost little more than a pass over their
        characters."""
        found: list[list[Hit]] = [[] for _ in texts]
        for index in self._candidates(texts) if self.items else ():
            found[index] = self._compare(texts[index])
        return found

    def _candidates(self, texts: Sequence[str]) -> list[int]:
        """Texts that hold the letters of some n-gram in a row: every text with an n-gram is among them. First a short
        run of them, its anchor, is looked for in all texts, then the whole run in those that are left."""
        hashes, owners = unit_hashes(texts)
        windows = rolled(hashes, LETTERS)
        near = np.flatnonzero(self._anchors.slots[windows >> _TOP])
        left = _owners_of(near, windows, owners, LETTERS, self._anchors.hashes)
        inside = np.isin(owners, left)
        hashes, owners = hashes[inside], owners[inside]
        chosen: set[int] = set()
        for width, runs in self._runs.items():
            windows = rolled(hashes, width)
            chosen.update(_owners_of(np.arange(len(windows)), windows, owners, width, runs).tolist())
        return sorted(chosen)

    def _compare(self, text: str) -> list[Hit]:
        spoken = words(text)
        tokens = np.array([self._vocabulary.get(t, -1) for t in spoken], np.int64)
        where: dict[int, list[tuple[int, int, int]]] = {}
        for length, grams in self._grams.items():
            for start, row in _matches(tokens, length, grams):
                for owner in grams.owners[row]:
                    where.setdefault(owner, []).append((start, length, row))
        hits = [self._hit(owner, places) for owner, places in where.items()]
        return sorted(hits, key=lambda h: (-h.overlap, -h.found, h.item_set, h.item_id, h.field, h.span))

    def _hit(self, owner: int, places: list[tuple[int, int, int]]) -> Hit:
        item, total = self.items[owner], self._sizes[owner]
        found = len({row for _, _, row in places})
        return Hit(item.item_set, item.item_id, item.field, found / total, found, total, _longest_run(places))


def decide(hits: Iterable[Hit], min_overlap: float) -> bool:
    """Whether a text with these hits is contaminated: one item reaches the share."""
    return any(hit.overlap >= min_overlap for hit in hits)


def is_chinese(text: str) -> bool:
    return language(text) == "zh"


def ngram_length(text: str, n: int) -> int:
    """Tokens in an n-gram of a text in its language."""
    return ceil(n * HAN_PER_WORD) if is_chinese(text) else n


def _grams_of(text: str, n: int) -> tuple[int, dict[tuple[str, ...], tuple[int, int, int]]]:
    """(length, {n-gram: (anchor, units, hash of all its units)}). The anchor is the smallest hash of LETTERS units in
    a row: neighbours mostly share theirs."""
    spoken = words(text)
    length = min(ngram_length(text, n), len(spoken))
    hashes, owners = unit_hashes(spoken)
    anchors = rolled(hashes, LETTERS)
    runs: dict[int, list[int]] = {}
    bounds = np.searchsorted(owners, np.arange(len(spoken) + 1)).tolist()  # units before each word
    found: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for start, gram in enumerate(ngrams(spoken, length) if length else ()):
        first, last = bounds[start], bounds[start + length]
        width = last - first
        if width >= LETTERS and gram not in found:
            whole = runs.get(width) or runs.setdefault(width, rolled(hashes, width).tolist())
            found[gram] = int(anchors[first : last - LETTERS + 1].min()), width, whole[first]
    return length, found


def _looked_up(anchors: Iterable[int]) -> _LookUp:
    hashes = np.array(sorted(anchors), np.uint64)
    slots = np.zeros(1 << _SLOTS, bool)
    slots[hashes >> _TOP] = True
    return _LookUp(hashes, slots)


def _owners_of(
    near: NDArray[np.int64], windows: Hashes, owners: NDArray[np.int64], width: int, wanted: Hashes
) -> NDArray[np.int64]:
    """The texts of those windows among `near` that lie in one text and are wanted."""
    near = near[owners[near] == owners[near + width - 1]]
    places = np.searchsorted(wanted, windows[near]).clip(max=len(wanted) - 1)
    return np.unique(owners[near[wanted[places] == windows[near]]])


def _prepared(owners: dict[tuple[str, ...], list[int]], vocabulary: dict[str, int]) -> _Grams:
    tokens = np.array([[vocabulary[t] for t in gram] for gram in owners], np.int64)
    hashes = hashed_rows(_token_hashes(tokens))
    order = np.argsort(hashes, kind="stable")
    held = list(owners.values())
    return _Grams(hashes[order], tokens[order], [held[i] for i in order])


def _token_hashes(tokens: NDArray[np.int64]) -> Hashes:
    return mixed((tokens + 1).astype(np.uint64))


def _matches(tokens: NDArray[np.int64], length: int, grams: _Grams) -> list[tuple[int, int]]:
    """(position, row of the n-gram) of every n-gram that stands in the tokens; equal hashes are compared token by
    token."""
    windows = rolled(_token_hashes(tokens), length)
    if not len(windows):
        return []
    first = np.searchsorted(grams.hashes, windows, side="left")
    last = np.searchsorted(grams.hashes, windows, side="right")
    return [
        (int(start), row)
        for start in np.flatnonzero(first < last)
        for row in range(int(first[start]), int(last[start]))
        if np.array_equal(tokens[start : start + length], grams.tokens[row])
    ]


def _longest_run(places: list[tuple[int, int, int]]) -> tuple[int, int]:
    runs: list[list[int]] = []
    for start, length, _ in sorted(places):
        if runs and start <= runs[-1][1]:
            runs[-1][1] = max(runs[-1][1], start + length)
        else:
            runs.append([start, start + length])
    begin, end = max(runs, key=lambda r: (r[1] - r[0], -r[0]))
    return begin, end
