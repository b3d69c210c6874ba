"""Loops compiled by Numba: n-gram repetition and MinHash over whole batches, equal to Data-Juicer's statistics bit for
bit.

Belongs here: arithmetic on arrays, one call a batch. Does not belong here: texts, tokenisation, thresholds. Imported
only where a batch is worked on: importing it loads Numba. n-grams are compared by 64-bit hashes (a collision within
one document: below 1e-12)."""

from __future__ import annotations

import numba as nb
import numpy as np

U64 = np.uint64
MERSENNE = U64((1 << 61) - 1)
FACTOR = U64(0x9E3779B97F4A7C15)


@nb.njit(cache=True, inline="always")
def mixed(x: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele et al. 2014): neighbouring inputs, unrelated outputs."""
    x = (x ^ (x >> U64(30))) * U64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> U64(27))) * U64(0x94D049BB133111EB)
    return x ^ (x >> U64(31))


@nb.njit(cache=True)
def ngram_counts(tokens: np.ndarray, start: int, end: int, n: int, keys: np.ndarray, counts: np.ndarray) -> int:
    """Count the n-grams of tokens[start:end] in an open-addressing table (keys, counts: zeroed here, a power of two
    long, at least twice the number of n-grams). Returns the number of distinct ones."""
    slots = keys.size
    mask = U64(slots - 1)
    counts[:] = 0
    power = U64(1)
    for _ in range(n - 1):
        power *= FACTOR
    rolling = U64(0)
    distinct = 0
    for i in range(start, end):
        if i - start >= n:
            rolling -= mixed(U64(tokens[i - n]) + U64(1)) * power
        rolling = rolling * FACTOR + mixed(U64(tokens[i]) + U64(1))
        if i - start < n - 1:
            continue
        key = mixed(rolling)
        slot = key & mask
        while counts[slot] != 0 and keys[slot] != key:
            slot = (slot + U64(1)) & mask
        if counts[slot] == 0:
            keys[slot] = key
            distinct += 1
        counts[slot] += 1
    return distinct


@nb.njit(cache=True)
def table_size(ngrams: int) -> int:
    size = 16
    while size < 2 * ngrams:
        size *= 2
    return size


@nb.njit(cache=True)
def top_repetition(tokens: np.ndarray, offsets: np.ndarray, n: int) -> np.ndarray:
    """Share of all n-grams that the most frequent sqrt(distinct) repeated ones make up (Data-Juicer's char_rep_ratio),
    by document."""
    documents = offsets.size - 1
    ratios = np.zeros(documents, np.float64)
    for d in range(documents):
        total = offsets[d + 1] - offsets[d] - n + 1
        if total <= 0:
            continue
        size = table_size(total)
        keys, counts = np.empty(size, np.uint64), np.empty(size, np.int64)
        distinct = ngram_counts(tokens, offsets[d], offsets[d + 1], n, keys, counts)
        repeated = np.sort(counts[counts > 1])[::-1]
        taken = min(int(np.sqrt(np.float64(distinct))), repeated.size)
        ratios[d] = repeated[:taken].sum() / total
    return ratios


@nb.njit(cache=True)
def any_repetition(tokens: np.ndarray, offsets: np.ndarray, n: int) -> np.ndarray:
    """Share of all n-grams that occur more than once (Data-Juicer's word_rep_ratio), by document."""
    documents = offsets.size - 1
    ratios = np.zeros(documents, np.float64)
    for d in range(documents):
        total = offsets[d + 1] - offsets[d] - n + 1
        if total <= 0:
            continue
        size = table_size(total)
        keys, counts = np.empty(size, np.uint64), np.empty(size, np.int64)
        ngram_counts(tokens, offsets[d], offsets[d + 1], n, keys, counts)
        ratios[d] = counts[counts > 1].sum() / total
    return ratios


@nb.njit(cache=True, inline="always")
def rotated(x: np.uint32, by: int) -> np.uint32:
    return np.uint32((x << np.uint32(by)) | (x >> np.uint32(32 - by)))


@nb.njit(cache=True)
def sha1_first_word(data: np.ndarray, start: int, end: int, block: np.ndarray, w: np.ndarray) -> np.uint32:
    """The first four bytes of SHA-1 (FIPS 180-4) of data[start:end], read as a little-endian number. `block` (64
    bytes) and `w` (80 words) are scratch."""
    h0, h1, h2 = np.uint32(0x67452301), np.uint32(0xEFCDAB89), np.uint32(0x98BADCFE)
    h3, h4 = np.uint32(0x10325476), np.uint32(0xC3D2E1F0)
    length = end - start
    padded = ((length + 8) // 64 + 1) * 64
    for position in range(0, padded, 64):
        for i in range(64):
            at = position + i
            if at < length:
                block[i] = data[start + at]
            elif at == length:
                block[i] = 0x80
            elif at >= padded - 8:
                block[i] = (length * 8 >> (8 * (padded - 1 - at))) & 0xFF
            else:
                block[i] = 0
        for i in range(16):
            four = np.uint32(block[4 * i]) << np.uint32(24) | np.uint32(block[4 * i + 1]) << np.uint32(16)
            w[i] = np.uint32(four | np.uint32(block[4 * i + 2]) << np.uint32(8) | np.uint32(block[4 * i + 3]))
        for i in range(16, 80):
            w[i] = rotated(np.uint32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]), 1)
        a, b, c, d, e = h0, h1, h2, h3, h4
        for i in range(80):
            if i < 20:
                f, k = np.uint32((b & c) | (~b & d)), np.uint32(0x5A827999)
            elif i < 40:
                f, k = np.uint32(b ^ c ^ d), np.uint32(0x6ED9EBA1)
            elif i < 60:
                f, k = np.uint32((b & c) | (b & d) | (c & d)), np.uint32(0x8F1BBCDC)
            else:
                f, k = np.uint32(b ^ c ^ d), np.uint32(0xCA62C1D6)
            step = np.uint32(rotated(a, 5) + f + e + k + w[i])
            e, d, c, b, a = d, c, rotated(b, 30), a, step
        h0, h1, h2 = np.uint32(h0 + a), np.uint32(h1 + b), np.uint32(h2 + c)
        h3, h4 = np.uint32(h3 + d), np.uint32(h4 + e)
    reversed_bytes = (h0 & np.uint32(0xFF)) << np.uint32(24) | (h0 & np.uint32(0xFF00)) << np.uint32(8)
    return np.uint32(reversed_bytes | (h0 >> np.uint32(8)) & np.uint32(0xFF00) | h0 >> np.uint32(24))


@nb.njit(cache=True)
def token_bounds(
    data: np.ndarray, start: int, end: int, by_character: bool, starts: np.ndarray, ends: np.ndarray
) -> int:
    """Where the tokens of UTF-8 bytes data[start:end] begin and end: single characters, or words between single
    spaces. Returns how many."""
    found = 0
    for i in range(start, end):
        if by_character:
            if data[i] & 0xC0 != 0x80:
                if found:
                    ends[found - 1] = i
                starts[found] = i
                found += 1
        elif i == start or data[i - 1] == 0x20:
            if found:
                ends[found - 1] = i - 1
            starts[found] = i
            found += 1
    if found:
        ends[found - 1] = end
    return found


@nb.njit(cache=True)
def minhash(
    data: np.ndarray,
    offsets: np.ndarray,
    window: int,
    by_character: bool,
    a: np.ndarray,
    b: np.ndarray,
    bands: int,
    rows: int,
) -> np.ndarray:
    """Band hashes (documents, bands) of MinHash signatures: for each permutation the smallest ((h·a + b) mod 2^64 mod
    2^61-1) mod 2^32 over the SHA-1 hashes of all shingles, as Data-Juicer computes it; equal bands of equal
    signatures, equal hashes."""
    documents = offsets.size - 1
    used = bands * rows
    found = np.empty((documents, bands), np.uint64)
    signature = np.empty(used, np.uint32)
    block, w = np.empty(64, np.uint8), np.empty(80, np.uint32)
    longest = 0
    for d in range(documents):
        longest = max(longest, offsets[d + 1] - offsets[d])
    starts, ends = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    for d in range(documents):
        signature[:] = np.uint32(0xFFFFFFFF)
        tokens = token_bounds(data, offsets[d], offsets[d + 1], by_character, starts, ends)
        for t in range(tokens - window + 1):
            h = U64(sha1_first_word(data, starts[t], ends[t + window - 1], block, w))
            for p in range(used):
                x = h * a[p] + b[p]
                y = (x & MERSENNE) + (x >> U64(61))
                y = y - MERSENNE if y >= MERSENNE else y
                low = np.uint32(y & U64(0xFFFFFFFF))
                signature[p] = low if low < signature[p] else signature[p]
        for band in range(bands):
            h = U64(band + 1)
            for r in range(rows):
                h = mixed(h * FACTOR + U64(signature[band * rows + r]))
            found[d, band] = h
    return found
