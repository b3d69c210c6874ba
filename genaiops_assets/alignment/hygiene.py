"""Hygiene of preference pairs: what belongs together, what stands twice, and what a label could be told by without
reading.

Belongs here: groups and the held-out part, exact and near duplicates, bias by length and place. Does not belong here:
leaks from test questions (`leaks.py`), wrong labels (`noise.py`)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.evaluation import question_key
from genaiops_assets.statistics import wilson
from genaiops_assets.text import normalise, words

Row = dict[str, Any]
HELD_OUT = 0.2
NEAR = 0.8  # Jaccard similarity of word triples
PERMUTATIONS, BAND = 64, 4  # 16 bands of 4: a pair at 0.8 is found with probability 0.9998
_PRIME = np.uint64((1 << 61) - 1)


class Together:
    """Union-find over row numbers."""

    def __init__(self, size: int):
        self.parent = list(range(size))

    def root(self, one: int) -> int:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        a, b = sorted((self.root(one), self.root(other)))
        self.parent[b] = a

    def join_equal(self, keys: Iterable[str]) -> None:
        """Rows with the same key that is not empty belong together."""
        first: dict[str, int] = {}
        for n, key in enumerate(keys):
            if key:
                self.join(first.setdefault(key, n), n)


def groups_of(rows: Sequence[Row]) -> list[int]:
    """The group of each row, named by its first row: rows with one question, or made from one document, and whatever
    these share in turn. A split between groups shares neither question nor document."""
    together = Together(len(rows))
    together.join_equal(question_key(row["question"]) for row in rows)
    together.join_equal(row.get("doc_id") or "" for row in rows)
    return [together.root(n) for n in range(len(rows))]


def held_out(rows: Sequence[Row], share: float = HELD_OUT) -> list[int]:
    """Rows that nothing should learn from: whole groups, about `share` of all. Which group it is follows from its first
    question and not from the other rows, so that a new pair of another group moves none. A group larger than the share
    stays in training, since without it little would be left to learn from."""
    members: dict[int, list[int]] = {}
    for n, group in enumerate(groups_of(rows)):
        members.setdefault(group, []).append(n)
    found: list[int] = []
    for own in members.values():
        key = min(question_key(rows[n]["question"]) for n in own)
        if len(own) <= max(1, share * len(rows)) and _unit(key) < share:
            found += own
    return sorted(found)


def _unit(key: str) -> float:
    """A number in [0, 1) that follows from a text."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big") / 2**56


# --- duplicates -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repeated:
    """Groups of row numbers with more than one member. `exact`: equal but for case, width and spaces; `near`: similar
    in question and both answers, exact ones left out; `opposite`: the same answers preferred both ways."""

    exact: list[list[int]]
    near: list[list[int]]
    opposite: list[list[int]]

    def spare(self) -> int:
        """Rows that could go without a loss: all but one of each exact or near group."""
        return sum(len(group) - 1 for group in (*self.exact, *self.near))


def repeated(rows: Sequence[Row]) -> Repeated:
    """Near ones are proposed by MinHash over word triples (Broder 1997) and settled by their Jaccard similarity."""
    plain = [tuple(_plain(row[name]) for name in ("question", "chosen", "rejected")) for row in rows]
    first: dict[tuple[str, ...], list[int]] = {}
    unordered: dict[tuple[str, ...], list[int]] = {}
    for n, key in enumerate(plain):
        first.setdefault(key, []).append(n)
        unordered.setdefault((key[0], *sorted(key[1:])), []).append(n)
    exact = [group for group in first.values() if len(group) > 1]
    opposite = [g for g in unordered.values() if len({plain[n] for n in g}) > 1]
    heads = [group[0] for group in first.values()]
    clashing = {n for group in opposite for n in group}
    near = _near([n for n in heads if n not in clashing], plain)
    return Repeated(exact, near, opposite)


def _plain(text: str) -> str:
    return " ".join(normalise(text).casefold().split())


def _near(candidates: Sequence[int], plain: Sequence[tuple[str, ...]]) -> list[list[int]]:
    shingles = {n: frozenset().union(*(_triples(part, text) for part, text in enumerate(plain[n]))) for n in candidates}
    signatures = {n: _signature(found) for n, found in shingles.items() if found}
    together = Together(max(candidates, default=-1) + 1)
    for band in range(0, PERMUTATIONS, BAND):
        buckets: dict[bytes, list[int]] = {}
        for n, signature in signatures.items():
            buckets.setdefault(signature[band : band + BAND].tobytes(), []).append(n)
        for bucket in buckets.values():
            for n in bucket[1:]:
                if _similar(shingles[bucket[0]], shingles[n]) >= NEAR:
                    together.join(bucket[0], n)
    groups: dict[int, list[int]] = {}
    for n in candidates:
        groups.setdefault(together.root(n), []).append(n)
    return [group for group in groups.values() if len(group) > 1]


def _triples(part: int, text: str) -> frozenset[int]:
    """Word triples of one part, hashed; a shorter text is one unit, so that short answers that differ stay apart."""
    spoken = words(text) or [text]
    grams = [spoken[i : i + 3] for i in range(max(1, len(spoken) - 2))]
    return frozenset(_hash(f"{part}\x1f" + "\x1f".join(gram)) for gram in grams)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")


def _signature(units: frozenset[int]) -> NDArray[np.uint64]:
    """The least of each of so many permutations of the units, (PERMUTATIONS,)."""
    random = np.random.default_rng(61)
    factors = random.integers(1, 2**29, PERMUTATIONS, dtype=np.uint64)
    offsets = random.integers(0, 2**60, PERMUTATIONS, dtype=np.uint64)
    values = np.fromiter(units, dtype=np.uint64, count=len(units))
    return ((values[:, None] * factors + offsets) % _PRIME).min(axis=0)


def _similar(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


# --- bias -------------------------------------------------------------------------------------------------------------


def length_bias(rows: Sequence[Row]) -> dict[str, Any]:
    """How often the longer answer is the chosen one, with interval (equal lengths say nothing), and the mean of the
    logarithm of the lengths' ratio: what "take the longer" would reach without reading."""
    both = [(len(r["chosen"]), len(r["rejected"])) for r in rows if r["chosen"] and r["rejected"]]
    longer = [a > b for a, b in both if a != b]
    ratios = [math.log(a / b) for a, b in both]
    return {
        "longer_is_chosen": wilson(sum(longer), len(longer)),
        "mean_log_ratio": sum(ratios) / len(ratios) if ratios else None,
        "pairs": len(both),
    }


def place_bias(places: dict[str, int]) -> dict[str, Any]:
    """How often the answer shown first was preferred, over the lines that say which was, with interval."""
    first, second = places.get("first", 0), places.get("second", 0)
    return {"first_is_chosen": wilson(first, first + second)}
