"""A small classifier of texts: pieces of words, hashed, with one weight each.

Belongs here: from a text to a score, learning the weights, and their file. Does not belong here: the texts it learns
from (`training.py`), what a score means for a question (`questions.py`). Numpy alone; the weights are one array in an
`.npz` that is read without pickle. Hashing: Weinberger et al. 2009, "Feature hashing for large scale multitask
learning"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.text import normalise, sentences, words

Weights = NDArray[np.float64]
SIZE = 1 << 15  # places for pieces; some share one
LENGTHS = (2, 3, 4)  # characters of a piece
FEWEST = 40  # pieces; a text with fewer of them counts as less sure
WINDOW, SHORTEST = 240, 40  # characters that are scored together, at most and at least
STEP = 160
BLANK = re.compile(r"\s")


@dataclass(frozen=True)
class Classifier:
    """`weights`: shape [SIZE]; `bias`."""

    weights: Weights
    bias: float

    def score(self, text: str) -> float:
        """From 0 to 1: the highest of the text's windows."""
        return max(map(self._score, windows(normalise(text))), default=0.0)

    def _score(self, plain: str) -> float:
        found = places(plain)
        if not found.size:
            return 0.0
        return _logistic(float(self.weights[found].sum()) / math.sqrt(max(found.size, FEWEST)) + self.bias)

    def save(self, file: Path) -> None:
        np.savez_compressed(file, weights=self.weights.astype(np.float16), bias=np.float64(self.bias))

    @classmethod
    def load(cls, file: Path) -> Classifier:
        with np.load(file, allow_pickle=False) as kept:
            return cls(kept["weights"].astype(np.float64), float(kept["bias"]))


def windows(text: str) -> Iterator[str]:
    """What is scored together, folded: sentences in a row until there are enough characters to tell, since among many
    others an attack would not stand out; a long sentence in parts."""
    row = ""
    for sentence in sentences(text):
        row = f"{row} {sentence}".strip()
        if len(row) >= SHORTEST:
            yield from parts(row.casefold())
            row = ""
    if row:
        yield from parts(row.casefold())


def parts(plain: str) -> Iterator[str]:
    """Overlapping parts of a long sentence, cut at blanks where there are some near."""
    start = 0
    while start < len(plain):
        yield plain[start : start + WINDOW]
        if start + WINDOW >= len(plain):
            return
        blank = BLANK.search(plain, start + STEP, start + STEP + 20)
        start = blank.end() if blank else start + STEP


def places(plain: str) -> NDArray[np.int64]:
    """Where the weights of a folded text stand, each once: pieces of words of two to four characters, words, and pairs
    of words."""
    said = words(plain)
    padded = "".join(f" {word}" if word.isascii() else word for word in said) + " "
    pieces = {padded[n : n + size] for size in LENGTHS for n in range(len(padded) - size + 1)}
    pieces |= {f"w:{word}" for word in said} | {f"p:{a} {b}" for a, b in pairwise(said)}
    return np.unique(np.fromiter((crc32(piece.encode()) % SIZE for piece in pieces), np.int64, len(pieces)))


def fitted(texts: Sequence[str], labels: Sequence[bool], *, penalty: float = 3e-4, rounds: int = 250) -> Classifier:
    """The weights that tell the labelled texts apart: logistic regression with a quadratic penalty, both kinds counted
    equally, by gradient steps of a given number (Adam, Kingma and Ba 2015). The same texts give the same weights up to
    rounding. ValueError without texts of both kinds."""
    wanted = np.asarray(labels, dtype=np.float64)
    if not 0 < wanted.sum() < wanted.size:
        raise ValueError("texts of both kinds are needed")
    rows = [places(normalise(text).casefold()) for text in texts]
    at = np.concatenate(rows)
    row = np.repeat(np.arange(len(rows)), [r.size for r in rows])
    value = 1 / np.sqrt(np.maximum([r.size for r in rows], FEWEST))[row]
    share = np.where(wanted == 1, 0.5 / wanted.sum(), 0.5 / (wanted.size - wanted.sum()))
    weights, bias = np.zeros(SIZE), 0.0
    slow, fast, slow_b, fast_b = np.zeros(SIZE), np.zeros(SIZE), 0.0, 0.0
    for turn in range(1, rounds + 1):
        score = np.bincount(row, weights[at] * value, len(rows)) + bias
        off = share * (1 / (1 + np.exp(-np.clip(score, -30, 30))) - wanted)
        slope = np.bincount(at, off[row] * value, SIZE) + penalty / SIZE * weights
        slow, fast = 0.9 * slow + 0.1 * slope, 0.99 * fast + 0.01 * slope**2
        slow_b, fast_b = 0.9 * slow_b + 0.1 * off.sum(), 0.99 * fast_b + 0.01 * off.sum() ** 2
        rate, unbias, unbias_fast = 0.05, 1 - 0.9**turn, 1 - 0.99**turn
        weights = weights - rate * (slow / unbias) / (np.sqrt(fast / unbias_fast) + 1e-8)
        bias -= rate * (slow_b / unbias) / (math.sqrt(fast_b / unbias_fast) + 1e-8)
    return Classifier(weights, bias)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0
