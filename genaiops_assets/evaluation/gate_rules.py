"""The rules by which gates decide, as data: their version and digest stand in every decision.

Belongs here: what a reader needs to know to decide again by hand. Does not belong here: the code that follows the
rules (`gates.py`, `gate_figures.py`). Whoever changes a rule raises the version; a test holds each version to its
digest."""

from __future__ import annotations

from typing import Any

from genaiops_assets.lake import digest_of
from genaiops_assets.statistics import POWER

# 3: judges were believed unseen; 2: items without a score were left out unless a gate said otherwise; 1: before there
# was a record
VERSION = 4
SHOULD_BE_NO_MORE_THAN = 0.0  # share of items without a score that passes without a word

RULES: dict[str, Any] = {
    "outcomes": ["pass", "fail", "undecided", "not_applicable"],
    "order": [
        "a judge's score, and the judge was skipped, has no record of this version, or one below its limit: undecided",
        "no metric, or a damaged one: fail",
        "against a champion where nothing is released: not_applicable",
        "fewer items than min_items, no interval, or none of the gate's confidence: undecided",
        "the whole interval on the right side of the limit: pass",
        "the whole interval on the other side: fail",
        "otherwise: undecided",
    ],
    "touching": "a score may touch its limit; an effect, or a difference to the champion, must lie beyond it",
    "side": "an interval of confidence c passes wrongly in at most (1 - c) / 2 of cases",
    "missing": {
        "left_out": "items without a score are in no mean; their number is recorded",
        "bounded": "each counts once as the worst and once as the best that is possible; unless a gate says otherwise",
    },
    "verdict": {
        "no_go": "a gate of severity must failed",
        "undecided": "one is undecided, or there is none",
        "go": "all of severity must passed; what does not apply is left out",
    },
    "several_gates": {
        "go": "every gate must pass, so its false-pass rate is no larger than that of one gate: nothing is corrected",
        "holm": "over all gates with a p-value; says which passes would stand as findings on their own",
        "p_value": "one-sided, from the end of the interval that decides, on the normal scale",
    },
    "power": POWER,
    "attrition_flagged_above": SHOULD_BE_NO_MORE_THAN,
}


def rule_set() -> dict[str, Any]:
    """{"version", "digest"} of the rules in force."""
    return {"version": VERSION, "digest": digest_of(RULES)}
