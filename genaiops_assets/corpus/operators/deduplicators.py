"""Deduplicators: a key of each text, computed once, and the decision over all keys, which depends on the order of the
rows alone.

Belongs here: Data-Juicer's exact and MinHash-LSH keys, and who stays. Does not belong here: storing keys (`stages.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.batch import Batch, bytes_of

KeyMaker = Callable[[Batch], pl.Series]
BANDED = "document_minhash_deduplicator"
NATIVE_TOKENS = ("space", "character")


@dataclass(frozen=True)
class Duplicates:
    """For each row in order: the place of the row that stays in its stead (its own when it stays), and how many bands
    the two share (1 for equal keys)."""

    original: np.ndarray
    shared: np.ndarray


def compile_deduplicator(name: str, op: Any) -> tuple[str, bool, KeyMaker]:
    """(engine, are the keys banded, keys of a batch). KeyError for a deduplicator whose keys are not understood here;
    none is on the allow-list."""
    if name == "document_deduplicator":
        return "kernel", False, lambda batch: exact_keys(op, batch)
    if name == BANDED:
        native = op.tokenization in NATIVE_TOKENS and not op.ignore_pattern
        return (
            ("kernel", True, lambda batch: band_keys(op, batch))
            if native
            else ("data-juicer", True, lambda batch: bands_by_hand(op, batch))
        )
    raise KeyError(name)


def exact_keys(op: Any, batch: Batch) -> pl.Series:
    """MD5 (16 bytes) of each text as the operator normalises it."""
    texts = batch.list
    if op.lowercase:
        texts = [t.lower() for t in texts]
    if op.remove_non_character_regex:
        texts = [op.remove_non_character_regex.sub("", t) for t in texts]
    return pl.Series([hashlib.md5(t.strip().encode(), usedforsecurity=False).digest() for t in texts], dtype=pl.Binary)


def band_keys(op: Any, batch: Batch) -> pl.Series:
    """The bands of each text's MinHash signature as 64-bit hashes in a row (8 bytes a band)."""
    from genaiops_assets.corpus.operators import kernels

    texts = [t.lower() for t in batch.list] if op.lowercase else batch.list
    by_character = op.tokenization == "character"
    if not by_character:
        texts = [" ".join(filter(None, t.split(" "))) for t in texts]
    data, offsets = bytes_of(texts)
    used = op.num_bands * op.num_rows_per_band
    a, b = (np.ascontiguousarray(p[:used], dtype=np.uint64) for p in (op.perm_a, op.perm_b))
    bands = kernels.minhash(data, offsets, op.window_size, by_character, a, b, op.num_bands, op.num_rows_per_band)
    return pl.Series([row.tobytes() for row in bands], dtype=pl.Binary)


def bands_by_hand(op: Any, batch: Batch) -> pl.Series:
    """The same from Data-Juicer's own signatures, for tokenisations that have no compiled way."""
    from data_juicer.utils.constant import HashKeys

    signatures = [op.compute_hash({op.text_key: t})[HashKeys.minhash] for t in batch.list]
    rows = [b"".join(hashlib.blake2b(band, digest_size=8).digest() for band in bands) for bands in signatures]
    return pl.Series(rows, dtype=pl.Binary)


def key_words(keys: pl.Series) -> np.ndarray:
    """(rows, words) uint64: keys of one length, a multiple of 8 bytes."""
    if not len(keys):
        return np.zeros((0, 1), dtype=np.uint64)
    data = keys.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()[2]
    return np.frombuffer(data, dtype=np.uint64).reshape(len(keys), -1)


def who_stays(keys: np.ndarray, *, banded: bool) -> Duplicates:
    """The first row of each group of rows with the same key stays; with `banded` keys (a word a band) of each group of
    rows with a band in common, directly or through others. `keys`: (rows, words) in order of precedence."""
    rows = len(keys)
    original = np.arange(rows)
    if not banded or rows == 0:
        first, again = equal_rows(keys)
        original[again] = first
        return Duplicates(original, (original != np.arange(rows)).astype(np.int64))
    edges = [equal_rows(keys[:, [b]]) for b in range(keys.shape[1])]
    original = smallest_of_component(rows, np.concatenate([f for f, _ in edges]), np.concatenate([a for _, a in edges]))
    moved = np.flatnonzero(original != np.arange(rows))
    shared = np.zeros(rows, dtype=np.int64)
    shared[moved] = (keys[moved] == keys[original[moved]]).sum(axis=1)
    return Duplicates(original, shared)


def equal_rows(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(first, again): for each row that comes again, the place of its first occurrence and the place where it comes
    again."""
    named = pl.DataFrame({f"word {i}": np.ascontiguousarray(words[:, i]) for i in range(words.shape[1])})
    again = named.with_row_index("row").filter(named.is_duplicated())
    pairs = again.with_columns(first=pl.col("row").min().over(named.columns)).filter(pl.col("row") != pl.col("first"))
    return pairs["first"].to_numpy().astype(np.int64), pairs["row"].to_numpy().astype(np.int64)


def smallest_of_component(rows: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """For each row the smallest row it is connected with by the edges (left, right)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(rows, rows))
    labels = connected_components(graph, directed=False)[1]
    smallest = np.full(labels.max() + 1, rows, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(rows))
    return smallest[labels]
