"""Numbers that a key, a few words and a word give on every machine: the ground of all watermarks here.

Belongs here: the seed of a context, and one number for a seed and a token. Does not belong here: what is done with it
(`schemes.py`). A device's own random generator gives other numbers on another device, and transformers' green list is
drawn with one; whole numbers below 2**63 are the same everywhere, in NumPy and in torch, so a text marked on one
device is found on any. A row's numbers depend on that row alone, so its company in a batch changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

CONTEXT = 2  # tokens before the one that is drawn; each edit spoils so many more
WORDS = 0xFFFFFFFF
UNMARKED = 0  # the seed of a place that bears no mark


def seed_of(key: bytes, tokens: Sequence[int]) -> int:
    """From 1 to 2**31 - 1, as fits a signed 32-bit number."""
    told = b",".join(b"%d" % token for token in tokens)
    return int.from_bytes(hashlib.blake2b(told, key=key, digest_size=4).digest(), "big") % (2**31 - 1) + 1


def mixed(x: Any) -> Any:
    """Spreads 32 bits over 32 bits. `x`: 64-bit whole numbers from 0 to 2**32 - 1, an array of NumPy or torch; no
    product passes 2**59. Source: C. Wellons, "Prospecting for hash functions" (2018)."""
    for _ in range(2):
        x = ((x >> 16) ^ x) * 0x45D9F3B & WORDS
    return (x >> 16) ^ x


def numbers(seeds: Any, tokens: Any) -> Any:
    """One number from 0 to 2**32 - 1 for each pair. `seeds` and `tokens`: arrays that fit each other's shape."""
    return mixed((mixed(tokens + 1) + mixed(seeds)) & WORDS)


def fresh_places(tokens: Sequence[int], context: int = CONTEXT) -> Iterator[tuple[int, Sequence[int]]]:
    """(place, its context) of each token whose context stands for the first time in the text. What repeats itself
    gives the same number again, proves nothing more, and would make a plain text with a refrain look marked; so no
    place is marked or counted twice."""
    seen = set[tuple[int, ...]]()
    for place in range(context, len(tokens)):
        before = tuple(tokens[place - context : place])
        if before not in seen:
            seen.add(before)
            yield place, before


def numbers_in(key: bytes, tokens: Sequence[int], context: int = CONTEXT) -> np.ndarray:
    """The numbers of the tokens that count in a text, shape (places,)."""
    places = list(fresh_places(tokens, context))
    seeds = np.array([seed_of(key, before) for _, before in places], dtype=np.int64)
    return np.asarray(numbers(seeds, np.array([tokens[place] for place, _ in places], dtype=np.int64)))


def mark_seed(key: bytes, answer: Sequence[int], context: int = CONTEXT) -> int:
    """The seed of the token that comes next; UNMARKED where the answer has too few tokens, or this context before."""
    before = list(answer[-context:])
    if len(before) < context:
        return UNMARKED
    earlier = (list(answer[end - context : end]) == before for end in range(context, len(answer)))
    return UNMARKED if any(earlier) else seed_of(key, before)


def free_seed(key: bytes, everything: Sequence[int]) -> int:
    """The seed of what is drawn without a mark: it depends on all tokens before, prompt and answer, so that the same
    question has the same answer and nothing that a reader could count comes back."""
    return seed_of(hashlib.blake2b(b"free", key=key, digest_size=32).digest(), everything)
