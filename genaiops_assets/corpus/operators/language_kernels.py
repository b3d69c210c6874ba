"""The sums of a fastText model, compiled: the vectors of words and of texts.

Belongs here: fastText's hash of words and n-grams, the table of the words, and the loops over bytes. Does not belong
here: the model and its file (`language.py`), loops that other operators need (`kernels.py`)."""

from __future__ import annotations

import numba as nb
import numpy as np

U32 = np.uint32


@nb.njit(cache=True, inline="always")
def hashed(h: np.uint32, byte: np.uint8) -> np.uint32:
    """FNV-1a, bytes taken as signed numbers as fastText does."""
    return np.uint32((h ^ U32(np.int8(byte))) * U32(16777619))


@nb.njit(cache=True)
def slots_of(words: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    size = 16
    while size < 4 * offsets.size:
        size *= 2
    slots = np.full(size, -1, np.int32)
    for word in range(offsets.size - 1):
        h = U32(2166136261)
        for i in range(offsets[word], offsets[word + 1]):
            h = hashed(h, words[i])
        slot = h & U32(size - 1)
        while slots[slot] >= 0:
            slot = (slot + U32(1)) & U32(size - 1)
        slots[slot] = word
    return slots


@nb.njit(cache=True)
def word_number(token: np.ndarray, h: np.uint32, words: np.ndarray, offsets: np.ndarray, slots: np.ndarray) -> int:
    """The word that the bytes spell, -1 for an unknown one."""
    mask = U32(slots.size - 1)
    slot = h & mask
    while slots[slot] >= 0:
        word = slots[slot]
        start, end = offsets[word], offsets[word + 1]
        if end - start == token.size and np.all(words[start:end] == token):
            return word
        slot = (slot + U32(1)) & mask
    return -1


@nb.njit(cache=True, inline="always")
def is_blank(byte: np.uint8) -> bool:
    return bool(byte == 0x20 or (0x09 <= byte <= 0x0D) or byte == 0)


@nb.njit(cache=True)
def text_vectors(
    ids: np.ndarray, offsets: np.ndarray, sums: np.ndarray, counts: np.ndarray, ends: np.ndarray, more: int
) -> np.ndarray:
    """(texts, dimensions): the mean over each text's words and the end of its line (`ends`, `more` rows)."""
    found = np.zeros((offsets.size - 1, sums.shape[1]), np.float32)
    for d in range(offsets.size - 1):
        count = more
        for i in range(offsets[d], offsets[d + 1]):
            count += counts[ids[i]]
            for k in range(sums.shape[1]):
                found[d, k] += sums[ids[i], k]
        found[d] = (found[d] + ends) / np.float32(max(count, 1))
    return found


@nb.njit(cache=True)
def word_vectors(
    data: np.ndarray,
    offsets: np.ndarray,
    rows: np.ndarray,
    kept: np.ndarray,
    words: np.ndarray,
    word_offsets: np.ndarray,
    slots: np.ndarray,
    shortest: int,
    longest: int,
) -> tuple[np.ndarray, np.ndarray]:
    """(texts, dimensions) and (texts,): the sum of the rows of each text's words and of their n-grams of characters,
    `<` and `>` at their ends, and their number. `data`: UTF-8 bytes of all texts in a row, text d is
    data[offsets[d]:offsets[d+1]]."""
    texts, dim, n_words = offsets.size - 1, rows.shape[1], word_offsets.size - 1
    sums, counts = np.zeros((texts, dim), np.float32), np.zeros(texts, np.int64)
    token = np.empty(64, np.uint8)
    for d in range(texts):
        total, count, at, end = sums[d], 0, offsets[d], offsets[d + 1]
        while at < end:
            if is_blank(data[at]):
                at += 1
                continue
            start, h = at, U32(2166136261)
            while at < end and not is_blank(data[at]):
                h = hashed(h, data[at])
                at += 1
            size = at - start + 2
            if size > token.size:
                token = np.empty(2 * size, np.uint8)
            token[0], token[size - 1] = 0x3C, 0x3E
            token[1 : size - 1] = data[start:at]
            word = word_number(token[1 : size - 1], h, words, word_offsets, slots)
            if word >= 0:
                total += rows[word]
                count += 1
            for i in range(size):
                if token[i] & 0xC0 == 0x80:
                    continue
                h, j, n = U32(2166136261), i, 1
                while j < size and n <= longest:
                    h = hashed(h, token[j])
                    j += 1
                    while j < size and token[j] & 0xC0 == 0x80:
                        h = hashed(h, token[j])
                        j += 1
                    if n >= shortest:
                        row = kept[h % U32(kept.size)]
                        if row >= 0:
                            for k in range(dim):
                                total[k] += rows[n_words + row, k]
                            count += 1
                    n += 1
        counts[d] = count
    return sums, counts
