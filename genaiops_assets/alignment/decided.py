"""A person's word on a pair goes before a judge's: what people compared themselves is not kept beside it.

Belongs here: that rule. Does not belong here: what people said (`feedback.py`), how pairs are made (a payload)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.alignment.feedback import visible
from genaiops_assets.use_case import Origin


def without_decided(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """(pairs, number left out): rows of `PAIRS` without those of a judge whose question and two answers a person
    compared, whichever way the person decided: kept, they would teach the opposite, or the same thing twice."""
    decided = {_compared(row) for row in rows if row["origin"] == Origin.HUMAN}
    kept = [row for row in rows if row["origin"] == Origin.HUMAN or _compared(row) not in decided]
    return kept, len(rows) - len(kept)


def _compared(row: dict[str, Any]) -> tuple[str, frozenset[str]]:
    return visible(row["question"]), frozenset((visible(row["chosen"]), visible(row["rejected"])))
