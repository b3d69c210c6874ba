"""What there is to know of preference pairs before anything learns from them: the report, put together.

Belongs here: that report, and when it is worth a process of its own. Does not belong here: how duplicates and biases
are found (`hygiene.py`) or labels are told (`noise_judges.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from genaiops_assets.alignment.hygiene import HELD_OUT, groups_of, held_out, length_bias, place_bias, repeated
from genaiops_assets.alignment.noise_judges import Judge, learned_order
from genaiops_assets.statistics import krippendorff_alpha, wilson
from genaiops_assets.text import language

LEAST_HELD_OUT = 10  # pairs, below which an accuracy would say nothing
Row = dict[str, Any]


def preference_report(
    rows: Sequence[Row], votes: dict[str, dict[str, str]], shown: dict[str, int], judges: Sequence[Judge] = ()
) -> dict[str, Any]:
    """preference_report.json: ids and numbers, no text. `votes` and `shown` as `Feedback` has them; `judges` tell
    held-out labels."""
    pairs = both_answers(rows)
    out = held_out(pairs)
    found = repeated(rows)
    return {
        "schema_version": 1,
        "rows": len(rows),
        "pairs": len(pairs),
        "origins": dict(sorted(Counter(row["origin"] for row in rows).items())),
        "languages": dict(sorted(Counter(language(row["question"]) for row in rows).items())),
        "duplicates": {
            "spare_rows": found.spare(),
            **{
                n: ids(g, rows) for n, g in (("exact", found.exact), ("near", found.near), ("opposite", found.opposite))
            },
        },
        "length": length_bias(rows),
        "place": place_bias(shown),
        "agreement": krippendorff_alpha([list(v.values()) for v in votes.values()]).to_dict(),
        "split": {
            "share_asked_for": HELD_OUT,
            "groups": len(set(groups_of(pairs))),
            "held_out": len(out),
            "ids": [pairs[n]["id"] for n in out],
        },
        "held_out_accuracy": accuracies(pairs, out, judges) if judges else {},
    }


def both_answers(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["chosen"] and row["rejected"]]


def can_be_told(rows: Sequence[Row]) -> bool:
    """Whether enough pairs are held out to say how well their labels are told."""
    pairs = both_answers(rows)
    return LEAST_HELD_OUT <= len(held_out(pairs)) < len(pairs)


def ids(groups: Sequence[Sequence[int]], rows: Sequence[Row]) -> list[list[str]]:
    return [[rows[n]["id"] for n in group] for group in groups]


def accuracies(pairs: list[Row], out: list[int], judges: Sequence[Judge]) -> dict[str, Any]:
    """By judge, how many held-out labels it tells that learned from the rest alone, with interval; and what taking the
    longer answer reaches on them. None where too few are held out."""
    if len(out) < LEAST_HELD_OUT or len(out) == len(pairs):
        return {}
    rest = np.setdiff1d(np.arange(len(pairs)), out)
    longer = length_bias([pairs[n] for n in out])["longer_is_chosen"]
    told = {judge.name: learned_order(judge, pairs, rest, np.asarray(out)) > 0.5 for judge in judges}
    return {**{name: wilson(int(t.sum()), len(t)) for name, t in told.items()}, "take the longer": longer}
