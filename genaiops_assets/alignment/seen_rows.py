"""Which rows a training sees: all but those held out, and canaries where a use case asks for some.

Belongs here: that split, the same for the training and for what measures it. Does not belong here: which rows a method
can learn from (`fitting.py`), golden questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.alignment.canaries import canary_rows
from genaiops_assets.alignment.fitting import learned_from
from genaiops_assets.alignment.methods.base import Data
from genaiops_assets.lake import digest_of
from genaiops_assets.text import normalise

Rows = list[dict[str, Any]]


def split_rows(rows: Sequence[dict[str, Any]], share: float) -> tuple[Rows, Rows]:
    """(rows to train on, rows held out). A document goes to one side with all its rows; of rows without a document the
    question decides. A row's side depends on nothing but that, so new rows move no old one."""
    kept: Rows = []
    out: Rows = []
    for row in rows:
        (out if place_of(row) < share else kept).append(row)
    return kept, out


def place_of(row: Mapping[str, Any]) -> float:
    """In [0, 1), evenly spread over documents."""
    subject = row.get("doc_id") or normalise(row["question"]).casefold()
    return int(digest_of(["held out", subject])[:12], 16) / 16**12


def training_rows(rows: Sequence[dict[str, Any]], data: Data, training: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """(pairs of a training, pairs held out) for what its method reads, before any pair is taken apart into single
    answers (`learned_from` does)."""
    given = list(rows) if data is Data.UNPAIRED else learned_from(rows, data)
    return taught(given, training)


def taught(rows: Sequence[dict[str, Any]], training: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """(rows of a training, rows held out) by the settings of a frozen training, which says nothing of either unless
    the use case does."""
    kept, out = split_rows(rows, training.get("held_out", 0))
    return [*kept, *canary_rows(training.get("canaries", 0), training.get("seed", 0), training["language"])], out
