"""Which language a text is in, by a fastText model (Joulin et al. 2016, "Bag of tricks"; "FastText.zip") worked out
for a whole batch at once.

Belongs here: reading a quantised supervised model with hierarchical softmax (the kind of lid.176.ftz) and its
probabilities. Does not belong here: the loops over bytes (`language_kernels.py`), the filter's decision. The vector of
a text is the sum over its words, and each word's is worked out once; sums in another order than fastText's let
probabilities differ from its own by about 1e-6.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.special import expit

from genaiops_assets.corpus.operators.batch import Vocabulary, Words, bytes_of
from genaiops_assets.corpus.operators.language_kernels import slots_of, text_vectors, word_vectors
from genaiops_assets.errors import GenaiopsError

MAGIC, VERSION = 793712314, 12
SUPERVISED, HIERARCHICAL_SOFTMAX = 3, 1
WORD, LABEL = 0, 1
END_OF_LINE, LABEL_PREFIX = "</s>", "__label__"


class UnknownModel(GenaiopsError):
    """Not a model of the kind this module reads; fastText itself may read it."""


@dataclass(frozen=True)
class LanguageModel:
    """`rows`: (words + n-grams kept, dimensions) float32; `kept`: hashed n-gram → row after the words, -1 where it was
    pruned; `slots`: open addressing of the words' hashes; `nodes`: (inner nodes, dimensions); `left`, `right`: (inner
    nodes, labels) 1 where the way to the label turns so."""

    labels: list[str]
    rows: np.ndarray
    kept: np.ndarray
    words: np.ndarray
    word_offsets: np.ndarray
    slots: np.ndarray
    end_of_line: int
    shortest: int
    longest: int
    nodes: np.ndarray
    left: np.ndarray
    right: np.ndarray
    _cache: WordCache = field(default_factory=lambda: WordCache(), compare=False, repr=False)

    def best(self, texts: Words) -> list[tuple[str, float]]:
        """The likeliest label of each text, and its probability; that is NaN where a word is one that fastText takes
        for its own sign."""
        probable = self.probabilities(texts)
        first = probable.argmax(axis=1)
        return [(self.labels[label], float(row[label])) for label, row in zip(first, probable, strict=True)]

    def probabilities(self, texts: Words) -> np.ndarray:
        """(texts, labels)"""
        sums, counts = self._cache.of(texts.vocabulary, self)
        ends = self.rows[self.end_of_line] if self.end_of_line >= 0 else np.zeros(self.rows.shape[1], np.float32)
        hidden = text_vectors(texts.ids, texts.offsets, sums, counts, ends, int(self.end_of_line >= 0))
        turns = expit(hidden @ self.nodes.T)
        return np.exp(np.log(turns + 1e-5) @ self.right + np.log(1 - turns + 1e-5) @ self.left)

    def of_words(self, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """(sums, counts): of the rows that each word stands for in lower case."""
        data, offsets = bytes_of([w.lower() for w in words])
        sums, counts = word_vectors(
            data, offsets, self.rows, self.kept, self.words, self.word_offsets, self.slots, self.shortest, self.longest
        )
        sums[[END_OF_LINE in w or LABEL_PREFIX in w.lower() for w in words]] = np.nan
        return sums, counts


class WordCache:
    """Sums and counts of a vocabulary's words, by number; those that came since the last batch are worked out."""

    def __init__(self) -> None:
        self._vocabulary: Vocabulary | None = None
        self._sums: list[np.ndarray] = []
        self._counts: list[np.ndarray] = []

    def of(self, vocabulary: Vocabulary, model: LanguageModel) -> tuple[np.ndarray, np.ndarray]:
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._sums, self._counts = vocabulary, [], []
        known = sum(map(len, self._counts))
        sums, counts = model.of_words(list(islice(vocabulary, known, None)))
        self._sums, self._counts = [np.concatenate([*self._sums, sums])], [np.concatenate([*self._counts, counts])]
        return self._sums[0], self._counts[0]


class Reader:
    """Numbers and arrays in the order they stand in a file."""

    def __init__(self, path: Path):
        with open(path, "rb") as f:
            self._data, self._at = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ), 0

    def numbers(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self._data, dtype=kind, count=count, offset=self._at)
        self._at += found.nbytes
        return found

    def number(self, kind: str) -> int:
        return int(self.numbers(kind, 1)[0])

    def name(self) -> str:
        end = self._data.find(b"\0", self._at)
        found, self._at = self._data[self._at : end].decode(), end + 1
        return found


@cache
def model_at(path: Path) -> LanguageModel | None:
    """None where only fastText itself can read it."""
    try:
        return read_model(path)
    except UnknownModel:
        return None


def read_model(path: Path) -> LanguageModel:
    """Raises UnknownModel when it is of another kind."""
    file = Reader(path)
    if tuple(file.numbers("<i4", 2)) != (MAGIC, VERSION):
        raise UnknownModel(f"{path}: not a fastText model of version {VERSION}")
    dim, _, _, _, _, word_ngrams, loss, kind, bucket, shortest, longest, _ = (int(n) for n in file.numbers("<i4", 12))
    file.numbers("<f8", 1)
    if (word_ngrams, loss, kind) != (1, HIERARCHICAL_SOFTMAX, SUPERVISED) or shortest < 2:
        raise UnknownModel(
            f"{path}: not a supervised model with hierarchical softmax, single words and n-grams of two and more"
        )
    size, n_words, _ = (int(n) for n in file.numbers("<i4", 3))
    file.number("<i8")
    pruned = file.number("<i8")
    entries = [(file.name(), file.number("<i8"), file.number("u1")) for _ in range(size)]
    words, labels = [e for e in entries if e[2] == WORD], [e for e in entries if e[2] == LABEL]
    pairs = file.numbers("<i4", 2 * max(pruned, 0)).reshape(-1, 2)
    kept = np.full(bucket, -1, np.int32)
    kept[pairs[:, 0]] = pairs[:, 1]
    if pruned < 0 or not file.number("u1"):
        raise UnknownModel(f"{path}: not a quantised model with pruned n-grams")
    rows = quantised(file)
    if file.number("u1"):
        raise UnknownModel(f"{path}: its output is quantised too")
    shape = file.number("<i8"), file.number("<i8")
    output = file.numbers("<f4", shape[0] * shape[1]).reshape(shape)
    encoded = [w.encode() for w, _, _ in words]
    offsets = np.concatenate([[0], np.cumsum([len(e) for e in encoded])])
    data = np.frombuffer(b"".join(encoded), np.uint8)
    left, right = ways([count for _, count, _ in labels])
    if len(rows) != n_words + pruned or rows.shape[1] != dim:
        raise UnknownModel(f"{path}: {rows.shape} rows for {n_words} words and {pruned} n-grams of {dim} dimensions")
    return LanguageModel(
        labels=[name.removeprefix(LABEL_PREFIX) for name, _, _ in labels],
        rows=rows,
        kept=kept,
        words=data,
        word_offsets=offsets,
        slots=slots_of(data, offsets),
        end_of_line=next((i for i, (w, _, _) in enumerate(words) if w == END_OF_LINE), -1),
        shortest=shortest,
        longest=longest,
        nodes=output[: len(labels) - 1],
        left=left,
        right=right,
    )


def quantised(file: Reader) -> np.ndarray:
    """A matrix of product-quantised rows, spelt out (Jégou et al. 2011)."""
    has_norms = file.number("u1")
    rows = file.number("<i8")
    file.number("<i8")
    codes = file.numbers("u1", file.number("<i4"))
    values = decoded(file, codes, rows)
    return values * decoded(file, file.numbers("u1", rows), rows) if has_norms else values


def decoded(file: Reader, codes: np.ndarray, rows: int) -> np.ndarray:
    """Codes by the quantiser that stands next in the file: (rows, dimensions)."""
    dim, parts, width, last = (int(n) for n in file.numbers("<i4", 4))
    centroids = file.numbers("<f4", dim * 256)
    codes = codes.reshape(rows, -1)
    found = np.empty((rows, dim), np.float32)
    for part in range(parts):
        wide = last if part == parts - 1 else width
        table = centroids[part * 256 * width : part * 256 * width + 256 * wide].reshape(256, wide)
        found[:, part * width : part * width + wide] = table[codes[:, part]]
    return found


def ways(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """(left, right) of `LanguageModel` for the Huffman tree over labels by how often they occur, as fastText builds
    it; the counts fall."""
    leaves = len(counts)
    count, parent, turn = [*counts, *([10**15] * (leaves - 1))], [-1] * (2 * leaves - 1), [False] * (2 * leaves - 1)
    leaf, node = leaves - 1, leaves
    for made in range(leaves, 2 * leaves - 1):
        together = 0
        for is_right in (False, True):
            if leaf >= 0 and count[leaf] < count[node]:
                taken, leaf = leaf, leaf - 1
            else:
                taken, node = node, node + 1
            parent[taken], turn[taken] = made, is_right
            together += count[taken]
        count[made] = together
    left, right = np.zeros((leaves - 1, leaves), np.float32), np.zeros((leaves - 1, leaves), np.float32)
    for label in range(leaves):
        at = label
        while parent[at] != -1:
            (right if turn[at] else left)[parent[at] - leaves, label] = 1
            at = parent[at]
    return left, right
