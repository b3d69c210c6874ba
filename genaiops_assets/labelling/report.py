"""What can be said of raters from their ratings: how many, how fast, whether the side decided, whether they agree.

Belongs here: those figures, and when one of them is a problem. Does not belong here: what the ratings say of two
versions (`evaluation_result.py`)."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from genaiops_assets.labelling.agreement import agreements
from genaiops_assets.labelling.ratings import CHOICES, DECIDED, Rating
from genaiops_assets.lake import digest_of
from genaiops_assets.statistics import wilson
from genaiops_assets.text import canonical_name

SCHEMA_VERSION = 1
ERROR = 0.05  # chance of any false alarm on the sides, over all raters
FEW = 10  # fewer decided ratings say nothing of a rater
HASTY = 0.2  # share of ratings given faster than the texts can be read


def rating_report_of(ratings: Sequence[Rating]) -> dict[str, Any]:
    """{"raters", "agreements", "position", "guidelines", "sets"}, each share with its interval."""
    groups: dict[str, list[Rating]] = {}
    for rating in ratings:
        groups.setdefault(canonical_name(rating.rater), []).append(rating)
    return {
        "schema_version": SCHEMA_VERSION,
        "ids": digest_of(sorted(rating.id for rating in ratings)),
        "ratings": len(ratings),
        "raters": [rater_figures(groups[who], len(groups)) for who in sorted(groups)],
        "agreements": agreements(ratings),
        "position": position_bias(ratings),
        "guidelines": dict(sorted(Counter(rating.guideline for rating in ratings).items())),
        "sets": dict(sorted(Counter(rating.set for rating in ratings).items())),
    }


def rater_figures(rows: Sequence[Rating], raters: int) -> dict[str, Any]:
    """Figures of one rater. `raters`: how many there are, since each one's interval is the wider for it."""
    decided = [row for row in rows if row.choice in DECIDED]
    judged = [row.sources[row.preferred] for row in decided if row.preferred is not None and "chosen" in row.sources]
    return {
        "rater": rows[0].rater,
        "ratings": len(rows),
        **{f"{choice}s": sum(row.choice == choice for row in rows) for choice in CHOICES if choice not in DECIDED},
        "decided": len(decided),
        "seconds": round(statistics.median(row.seconds for row in rows), 1),
        "hasty": sum(row.seconds < row.least for row in decided),
        "left": position_bias(decided, 1 - ERROR / raters),
        "with_the_judge": wilson(judged.count("chosen"), len(judged)),
        "first": min(row.at for row in rows),
        "last": max(row.at for row in rows),
    }


def position_bias(ratings: Iterable[Rating], confidence: float = 0.95) -> dict[str, Any]:
    """The share of decided ratings that prefer the left answer: 0.5 where the side does not matter."""
    sides = [rating.choice for rating in ratings if rating.choice in DECIDED]
    return wilson(sides.count("left"), len(sides), confidence)


def rating_problems(report: dict[str, Any]) -> list[str]:
    """What a person should look into before anything rests on these ratings, in words."""
    problems = []
    for rater in report["raters"]:
        name, n, left = rater["rater"], rater["decided"], rater["left"]
        if n >= FEW and not left["low"] <= 0.5 <= left["high"]:
            side = "left" if left["mean"] > 0.5 else "right"
            share = max(left["mean"], 1 - left["mean"])
            problems.append(f"{name} prefers the {side} side in {share:.0%} of {n} ratings")
        if n >= FEW and rater["hasty"] > HASTY * n:
            problems.append(f"{name} gave {rater['hasty']} of {n} ratings faster than the texts can be read")
    for pair in report["agreements"]:
        if pair["shared"] >= FEW and pair["kappa"] is not None and pair["kappa"] <= 0:
            who = " and ".join(pair["raters"])
            problems.append(f"{who} agree no more than by chance on {pair['shared']} items (kappa {pair['kappa']:.2f})")
    return problems
