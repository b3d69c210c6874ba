"""Figures about a corpus: counts by outcome, operator, source and language, lengths, personal data found. Numbers only.

Belongs here: what one pass over batches can tell, in memory that grows by a few bytes a document. Does not belong
here: decisions on rows, or figures that need a sample, a model or more than one table (`profile.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from genaiops_assets.corpus.schemas import OUTCOMES
from genaiops_assets.corpus.word_counts import DEFINITION, word_counts
from genaiops_assets.privacy import find_all

Batch: TypeAlias = pa.RecordBatch | pa.Table | pl.DataFrame
SLICE = 1024  # rows looked at together: a few MB of text
QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
# Characters; each bin is a third of a decade wide, so that a tweet and a book both find their place.
LENGTH_EDGES = tuple(0 if i == 0 else round(10 ** (i / 3)) for i in range(22))


def quantiles(values: Sequence[int] | NDArray[Any]) -> dict[str, int]:
    """Minimum, quartiles, 95 % and maximum; zeros for no values."""
    if len(values) == 0:
        return dict.fromkeys(("min", *QUANTILES, "max"), 0)
    ordered = np.sort(np.asarray(values))
    at = {name: ordered[min(len(ordered) - 1, int(q * len(ordered)))] for name, q in QUANTILES.items()}
    return {name: int(value) for name, value in {"min": ordered[0], **at, "max": ordered[-1]}.items()}


def length_histogram(lengths: Sequence[int] | NDArray[Any]) -> dict[str, list[int]]:
    """{"edges": n + 1 numbers, "counts": n}: how many lengths lie in [edge, next edge), the last bin without end. Two
    corpora share bins."""
    counts = np.histogram(np.asarray(lengths), bins=[*LENGTH_EDGES, np.inf])[0]
    return {"edges": list(LENGTH_EDGES), "counts": [int(c) for c in counts]}


def shares(counts: Mapping[str, float]) -> dict[str, float]:
    """Each count as a share of all, rounded to six places; empty for nothing counted."""
    total = sum(counts.values())
    return {name: round(count / total, 6) for name, count in sorted(counts.items())} if total else {}


def text_lengths(batches: Iterable[Batch]) -> NDArray[np.int32]:
    """Characters of each text, in the order of the batches: four bytes a document."""
    found = [as_frame(b)["text"].str.len_chars().to_numpy().astype(np.int32) for b in batches]
    return np.concatenate(found) if found else np.zeros(0, np.int32)


def funnel(ledger: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Rows by outcome and, for those rejected, by operator."""
    outcomes: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for row in ledger:
        outcomes[row["outcome"]] += 1
        if row["outcome"] == "rejected":
            rejected[row["operator"]] += 1
    return {
        "outcomes": {name: outcomes[name] for name in OUTCOMES},
        "rejected": dict(sorted(rejected.items())),
        "duplicates": outcomes["duplicate"],
        "quarantined": outcomes["quarantined"],
    }


class Description:
    """The figures of `describe`, batch by batch; `lengths()` are those seen so far."""

    def __init__(self) -> None:
        self.languages: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.licenses: Counter[str] = Counter()
        self.personal: Counter[str] = Counter()
        self.bytes_by_source: Counter[str] = Counter()
        self._characters: list[NDArray[np.int32]] = []
        self._words: list[NDArray[np.int32]] = []
        self._first: int | None = None
        self._last = 0

    def add(self, batch: Batch) -> None:
        """Rows with source, language, license, first_seen and text."""
        for part in as_frame(batch).iter_slices(SLICE):
            text = part["text"]
            for name, counter in (("language", self.languages), ("source", self.sources), ("license", self.licenses)):
                counter.update(dict(part[name].value_counts().iter_rows()))
            volume = part.group_by("source").agg(pl.col("text").str.len_bytes().cast(pl.Int64).sum())
            self.bytes_by_source.update(dict(volume.iter_rows()))
            for found in find_all(text):
                self.personal.update(finding.kind for finding in found)
            self._characters.append(text.str.len_chars().to_numpy().astype(np.int32))
            self._words.append(word_counts(text.to_list()))
            first, last = part["first_seen"].min(), part["first_seen"].max()
            if first is not None:
                self._first = int(first) if self._first is None else min(self._first, int(first))  # type: ignore[arg-type]
                self._last = max(self._last, int(last))  # type: ignore[arg-type]

    def lengths(self) -> NDArray[np.int32]:
        return np.concatenate(self._characters) if self._characters else np.zeros(0, np.int32)

    def figures(self) -> dict[str, Any]:
        characters = self.lengths()
        words = np.concatenate(self._words) if self._words else np.zeros(0, np.int32)
        return {
            "instances": len(characters),
            "languages": dict(sorted(self.languages.items())),
            "language_shares": shares(self.languages),
            "documents_by_source": dict(sorted(self.sources.items())),
            "documents_by_license": dict(sorted(self.licenses.items())),
            "bytes_by_source": dict(sorted(self.bytes_by_source.items())),
            "pii_counts": dict(sorted(self.personal.items())),
            "text_length": {"unit": "characters", **quantiles(characters)},
            "text_length_histogram": length_histogram(characters),
            "words": quantiles(words),
            "words_total": int(words.sum(dtype=np.int64)),
            "words_definition": DEFINITION,
            "utf8_bytes": sum(self.bytes_by_source.values()),
            "first_seen": {"first": self._first or 0, "last": self._last},
        }


def describe(batches: Iterable[Batch]) -> dict[str, Any]:
    """Figures over batches with the columns source, language, license, first_seen and text. Bounded memory; the same
    however the rows are cut into batches."""
    seen = Description()
    for batch in batches:
        seen.add(batch)
    return seen.figures()


def as_frame(batch: Batch) -> pl.DataFrame:
    return batch if isinstance(batch, pl.DataFrame) else pl.DataFrame(pl.from_arrow(batch))
