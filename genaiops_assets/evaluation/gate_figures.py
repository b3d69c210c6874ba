"""What stands beside a gate's outcome: what was estimated, over whom, what was missing, and what so many items can
show.

Belongs here: figures and sentences from one criterion and its interval, and Holm's levels over all gates. Does not
belong here: the outcome (`gates.py`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

from genaiops_assets.evaluation.gate_rules import RULES, SHOULD_BE_NO_MORE_THAN
from genaiops_assets.statistics import holm, holm_levels, minimum_detectable, sample_to_detect, spread_of_end
from genaiops_assets.use_case import ALL, EFFECTS, Criterion

DIGITS = 6
GOLDEN_PARTS = ("cells", "effects", "retrieval", "new_topics")


def figures_of(criterion: Criterion, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Estimand, population and missing policy in words; attrition; and, where there is an interval at the gate's
    confidence: `detectable`, the difference from the limit that so many items show in four of five cases, `needed`,
    the items that would show the least worthwhile one, `p_value`, and all of it `in_words`."""
    found: dict[str, Any] = {
        "estimand": estimand_of(criterion),
        "population": criterion.population or population_of(criterion),
        "missing_policy": f"{criterion.missing}: {RULES['missing'][criterion.missing]}",
        "attrition": attrition_of(value),
    }
    if not value or value.get("low") is None or value["n"] < 1 or value.get("confidence") != criterion.confidence:
        return found
    reach = value["mean"] - value["low"] if criterion.at_least is not None else value["high"] - value["mean"]
    spread = spread_of_end(max(reach, 0.0), value["n"], criterion.confidence)
    detectable = round(minimum_detectable(spread, value["n"], criterion.confidence), DIGITS)
    needed = sample_to_detect(criterion.worthwhile, spread, criterion.confidence)
    found |= {
        "detectable": detectable,
        "worthwhile": criterion.worthwhile,
        "needed": needed,
        "p_value": p_value(criterion, value, reach),
        "in_words": in_words(things(criterion), value["n"], detectable, criterion.worthwhile, needed),
    }
    return found


def with_holm(records: Sequence[dict[str, Any]], alpha: float) -> list[dict[str, Any]]:
    """The figures of all gates of a decision, each with `holm`: {tests, without_p_value, level, adjusted, stands}. A
    gate without a p-value is left out before, and counted."""
    p_values = [record.get("p_value") for record in records]
    made = sum(p is not None for p in p_values)
    adjusted, levels = holm(p_values), holm_levels(p_values, alpha)
    return [
        record
        if value is None or level is None
        else {
            **record,
            "holm": {
                "tests": made,
                "without_p_value": len(records) - made,
                "level": round(level, DIGITS),
                "adjusted": round(value, DIGITS),
                "stands": value <= alpha,
            },
        }
        for record, value, level in zip(records, adjusted, levels, strict=True)
    ]


def p_value(criterion: Criterion, value: Mapping[str, Any], reach: float) -> float:
    """How likely an estimate so far on the right side is where the truth lies on the limit: one-sided, on the normal
    scale of the interval's deciding end, so that it is (1 - confidence) / 2 exactly where that end touches the
    limit."""
    beyond = value["mean"] - criterion.limit if criterion.at_least is not None else criterion.limit - value["mean"]
    if reach <= 0:
        return 0.0 if beyond > 0 else 1.0
    z = beyond / reach * NormalDist().inv_cdf(0.5 + criterion.confidence / 2)
    return round(NormalDist().cdf(-z), 9)


def attrition_of(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """{asked, missing, share, flagged} and what the report says the mean over all items asked could be."""
    if not value:
        return {"asked": 0, "missing": 0, "share": 0.0, "flagged": False}
    stated = {k: v for k, v in (value.get("attrition") or {}).items() if k != "at"}
    missing = stated.get("missing", 0)
    asked = value["n"] + missing
    share = round(missing / asked, DIGITS) if asked else 0.0
    return {"asked": asked, "missing": missing, "share": share, "flagged": share > SHOULD_BE_NO_MORE_THAN, **stated}


def in_words(what: str, n: int, detectable: float, worthwhile: float, needed: int) -> str:
    """What so many items can show, in one sentence."""
    shown = f"with {n} {what} a difference of {_short(detectable)} could be shown (four times in five)"
    if needed <= n:
        return f"{shown}; {needed} are enough for {worthwhile:g}"
    return f"{shown}; {needed:,} would be needed for {worthwhile:g}"


def things(criterion: Criterion) -> str:
    if criterion.asset == "red_team_report":
        return "attacks"
    return "questions" if criterion.metric.split("/")[1] in GOLDEN_PARTS else "items"


def estimand_of(criterion: Criterion) -> str:
    """What the number estimates, in words."""
    match criterion.metric.split("/")[1:]:
        case ["effects", name, _] if name in EFFECTS:
            after, before = EFFECTS[name]
            said = f"mean difference of answer_f1 for each question, {after} less {before}"
        case ["cells", cell, score, *_]:
            said = f"mean {score} of {cell}"
        case ["retrieval", questions, score]:
            said = f"mean {score} of the search on the questions {questions}"
        case ["classes" | "owasp" | "mutators", name, "success" | "pooled"]:
            said = f"share of attacks that succeed, {name}"
        case ["classes" | "owasp" | "mutators", name, "hit_at", k]:
            said = f"chance that one of {k} attempts at a seed succeeds, {name}"
        case ["suites", suite, "cells", cell, score, *_]:
            said = f"mean {score} of {cell} in the suite {suite}"
        case ["suites", suite, "effects", name, *_]:
            said = f"mean difference for each item, {name}, in the suite {suite}"
        case _:
            said = f"mean of {criterion.metric}"
    return f"{said}, less that of the released version, item by item" if criterion.against else said


def population_of(criterion: Criterion) -> str:
    if criterion.asset == "red_team_report":
        return "attacks like those of the seeds and mutators tried, whose seeds are taken as a random draw"
    part = criterion.slice_name
    among = f" of the part {part}" if part != ALL and criterion.metric.split("/")[1] != "retrieval" else ""
    return f"{things(criterion)} like those asked{among}, taken as a random draw from what people may ask"


def _short(number: float) -> str:
    """Two digits that count: 0.12, 0.0034."""
    digits = 2 if number <= 0 or number >= 0.1 else 1 - math.floor(math.log10(number))
    return f"{number:.{min(digits, DIGITS)}f}"
