"""Units: the letters of many texts, run by run, as 64-bit hashes made by NumPy instead of word by word in Python.

Belongs here: a fast view of a text that is *implied* by its `words`: where the words of one text contain those of
another in a row, so do their units. That makes units a filter before exact work. Digits and signs are left out,
because the same number is spelled in many ways. Does not belong here: what is searched for, or any decision on the
strength of units alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.text.tokens import lone_characters, normalise

CHUNK = 1 << 17  # characters worked on at once: what the processor's cache holds
GAP, LETTER, LONE, GONE, ODD = range(
    5
)  # between units; part of a run; a unit by itself; invisible; needs real normalisation
_PRIME, _MIX = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
_INVERSE = pow(_PRIME, -1, 2**64)
_LETTERS = re.compile("(?:[^\\W\\d_]|[\U00020000-\U0003ffff])+")
_JAMO = ((0x1100, 0x11FF), (0xA960, 0xA97F), (0xD7B0, 0xD7FF))  # syllables are composed of these
_EMOJI = range(0x1F000, 0x1FB00)
_ASTRAL_HAN = (0x20000, 0x3FFFF)

Hashes = NDArray[np.uint64]
Kinds = NDArray[np.uint8]
Codes = NDArray[np.uint8] | NDArray[np.uint32]


def unit_hashes(texts: Sequence[str]) -> tuple[Hashes, NDArray[np.int64]]:
    """(hash of each unit, index of its text), in reading order within each text."""
    found = [_hash_chunk(texts[a:b], a) for a, b in _chunks(texts)]
    if not found:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    return np.concatenate([h for h, _ in found]), np.concatenate([i for _, i in found])


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    begin = size = 0
    for i, text in enumerate(texts):
        if size and size + len(text) > CHUNK:
            yield begin, i
            begin, size = i, 0
        size += len(text) + 1
    if begin < len(texts):
        yield begin, len(texts)


def _hash_chunk(texts: Sequence[str], offset: int) -> tuple[Hashes, NDArray[np.int64]]:
    """Texts with a character whose normal form depends on its neighbours are spelled out first."""
    kinds, codes, starts = _characters(texts)
    odd = np.unique(_text_of(starts, np.flatnonzero(kinds == ODD)))
    if not odd.size:
        hashes, owners = _hash(kinds, codes, starts)
        return hashes, owners + offset
    plain = np.setdiff1d(np.arange(len(texts)), odd)
    parts = []
    for indices, chosen in ((plain, [texts[i] for i in plain]), (odd, [_spelled_out(texts[i]) for i in odd])):
        kinds, codes, starts = _characters(chosen)
        hashes, owners = _hash(np.where(kinds == ODD, LETTER, kinds), codes, starts)
        parts.append((hashes, indices[owners]))
    hashes = np.concatenate([h for h, _ in parts])
    owners = np.concatenate([o for _, o in parts])
    order = np.argsort(owners, kind="stable")
    return hashes[order], owners[order] + offset


def _characters(texts: Sequence[str]) -> tuple[Kinds, Codes, NDArray[np.int64]]:
    """(kind, folded code point) of every character of the texts joined by a gap, and where each text starts."""
    joined = "\n".join(texts)
    starts = np.cumsum([0, *(len(t) + 1 for t in texts)])[:-1]
    if joined.isascii():
        kind_of, fold = _ascii_table()
        raw = joined.encode()
        return np.frombuffer(raw.translate(kind_of), np.uint8), np.frombuffer(raw.translate(fold), np.uint8), starts
    kinds, folded = _table()
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.intp)
    return kinds.take(codes), folded.take(codes), starts


def _text_of(starts: NDArray[np.int64], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(starts, positions, side="right") - 1


def _hash(kinds: Kinds, codes: Codes, starts: NDArray[np.int64]) -> tuple[Hashes, NDArray[np.int64]]:
    positions = None
    if (kinds == GONE).any():
        positions = np.flatnonzero(kinds != GONE)
        kinds, codes = kinds[positions], codes[positions]
    letter = kinds == LETTER
    unit = letter | (kinds == LONE)
    joined = letter[:-1] & letter[1:]
    first, last = unit.copy(), unit.copy()
    first[1:] &= ~joined
    last[:-1] &= ~joined
    begins, ends = np.flatnonzero(first), np.flatnonzero(last) + 1
    powers, inverses = _powers(max(len(codes), 1))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    hashes = mixed((sums[ends] - sums[begins]) * inverses[begins])
    bounds = np.searchsorted(begins if positions is None else positions[begins], [*starts, np.iinfo(np.int64).max])
    return hashes, np.repeat(np.arange(len(starts)), np.diff(bounds))


def mixed(hashes: Hashes) -> Hashes:
    """Every bit of the result depends on every bit of the input."""
    hashes = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(_MIX)
    return hashes ^ (hashes >> np.uint64(29))


def rolled(values: Hashes, width: int) -> Hashes:
    """Hash of every window of `width` values; empty where there are fewer."""
    if len(values) < width:
        return np.empty(0, np.uint64)
    powers, inverses = _powers(len(values))
    sums = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values * powers[: len(values)], out=sums[1:])
    count = len(values) - width + 1
    return mixed((sums[width:] - sums[:count]) * inverses[:count])


def hashed_rows(values: Hashes) -> Hashes:
    """What `rolled` gives for each row of a matrix as one window."""
    return mixed((values * _powers(values.shape[1])[0][: values.shape[1]]).sum(axis=1, dtype=np.uint64))


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Powers of an odd number and of its inverse modulo 2^64: what makes windows of a running sum comparable."""
    return _power_table(max(1 << (count - 1).bit_length(), 1 << 16))


@lru_cache(maxsize=3)
def _power_table(size: int) -> tuple[Hashes, Hashes]:
    def powers(base: int) -> Hashes:
        row = np.full(size, base, np.uint64)
        row[0] = 1
        return np.cumprod(row)

    return powers(_PRIME), powers(_INVERSE)


def _spelled_out(text: str) -> str:
    """The letters of the normalised text, run by run."""
    return " ".join(_LETTERS.findall(normalise(text).lower()))


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """For every code point its kind, and the code point that `normalise` and lower case turn it into."""
    kinds, folded = np.full(0x110000, ODD, np.uint8), np.arange(0x110000, dtype=np.uint32)
    kinds[_ASTRAL_HAN[0] : _ASTRAL_HAN[1] + 1] = LONE
    kinds[0x2F800:0x2FA1E] = ODD  # compatibility forms of other characters
    for code in (*range(0x10000), *_EMOJI):
        kinds[code], folded[code] = _kind(chr(code))
    for low, high in _JAMO:
        kinds[low : high + 1] = ODD
    return kinds, folded


@lru_cache(maxsize=1)
def _ascii_table() -> tuple[bytes, bytes]:
    """The same for bytes, to be used where a text is plain ASCII."""
    kinds, folded = _table()
    return kinds[:128].tobytes().ljust(256, b"\0"), folded[:128].astype(np.uint8).tobytes().ljust(256, b"\0")


def _kind(character: str) -> tuple[int, int]:
    plain = normalise(character).lower()
    if not plain:
        return (GAP if character.isspace() else GONE), 0
    if character == "Σ" or any(unicodedata.category(c)[0] in "MC" for c in unicodedata.normalize("NFKC", character)):
        return ODD, ord(character)  # depends on what stands beside it
    if not _LETTERS.search(plain):
        return GAP, 0
    if len(plain) > 1:
        return ODD, ord(character)
    return (LONE if lone_characters(plain) else LETTER), ord(plain)
