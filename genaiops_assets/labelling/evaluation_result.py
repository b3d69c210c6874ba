"""What people's ratings say of two versions, by the plan stated before them.

Belongs here: one verdict a question, the paired test, and what unrated questions could change. Does not belong here:
the plan (`evaluation_plan.py`), what is said of raters (`report.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from genaiops_assets.labelling.agreement import TIE, agreements, by_item
from genaiops_assets.labelling.evaluation_plan import PLAN, EvaluationPlan, read_plan
from genaiops_assets.labelling.ratings import Rating, ratings_folder
from genaiops_assets.labelling.report import FEW, position_bias
from genaiops_assets.lake import Lake
from genaiops_assets.statistics import mean_interval, sign_test
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
MOST_MISSING = 0.2  # share of planned questions without a verdict


def stated_plans(lake: Lake, uc: UseCase) -> dict[str, EvaluationPlan]:
    """Set of items → plan, of every comparison that was stated."""
    files = sorted(ratings_folder(lake, uc).glob(f"*/{PLAN}"))
    return {file.parent.name: plan for file in files if (plan := read_plan(file.parent))}


def result_of(plan: EvaluationPlan, ratings: Sequence[Rating]) -> dict[str, Any]:
    """{"plan", "wins", "net", "bounds", "interval", "p_value", "verdict", …}. Ratings before the plan do not count.

    `net`: mean over planned questions of +1 (second preferred), 0 (tie), -1; `bounds`: with every missing one worth -1
    and +1 (worst-case bounds; source: Manski 1989, "Anatomy of the selection problem"); `interval`: from the lower
    limit with all missing at -1 to the upper with all at +1. The verdict names a version only where the test rejects
    and the bounds agree."""
    counted = [rating for rating in ratings if rating.at >= plan.written_at]
    signs = verdicts(plan, counted)
    up, down = signs.count(1), signs.count(-1)
    missing = max(0, plan.size - len(signs))
    p, net = sign_test(up, down), up - down
    low, high = (net - missing) / plan.size if plan.size else 0.0, (net + missing) / plan.size if plan.size else 0.0
    return {
        "schema_version": SCHEMA_VERSION,
        "plan": plan.to_dict(),
        "plan_digest": plan.digest,
        "wins": {plan.first: down, plan.second: up},
        "ties": signs.count(0),
        "missing": missing,
        "net": round(net / len(signs), 6) if signs else None,
        "bounds": [round(low, 6), round(high, 6)],
        "interval": interval_of(signs, missing, 1 - plan.level),
        "answered_alike": plan.equal,
        "p_value": round(p, 6),
        "verdict": verdict_of(plan, p, low, high),
        "raters": sorted({rating.rater for rating in counted}),
        "ratings": len(counted),
        "before_the_plan": len(ratings) - len(counted),
        "other_guideline": sum(rating.guideline != plan.guideline for rating in counted),
        "position": position_bias(counted),
        "agreements": agreements(counted),
    }


def verdicts(plan: EvaluationPlan, ratings: Sequence[Rating]) -> list[int]:
    """One sign a question that somebody judged, by the majority of its raters: +1 for the second version."""
    sources = {rating.item: rating.sources for rating in ratings}
    found = []
    for item, said in sorted(by_item(ratings).items()):
        votes = Counter(0 if one == TIE else 1 if sources[item][int(one)] == plan.second else -1 for one in said)
        found.append((votes[1] > votes[-1]) - (votes[1] < votes[-1]) if votes[0] <= max(votes[1], votes[-1]) else 0)
    return found


def interval_of(signs: Sequence[int], missing: int, confidence: float) -> dict[str, Any]:
    """{low, high, n}: limits of the mean with what is missing at either end; None where nothing was planned."""
    if not signs and not missing:
        return {"low": None, "high": None, "n": 0}
    worst = mean_interval([*signs, *[-1] * missing], bounds=(-1, 1), confidence=confidence)
    best = mean_interval([*signs, *[1] * missing], bounds=(-1, 1), confidence=confidence)
    ends = (-1.0 if worst.low is None else worst.low), (1.0 if best.high is None else best.high)
    return {"low": round(ends[0], 6), "high": round(ends[1], 6), "n": len(signs) + missing}


def verdict_of(plan: EvaluationPlan, p: float, low: float, high: float) -> str:
    if p <= plan.level and low > 0:
        return f"{plan.second} is preferred"
    if p <= plan.level and high < 0:
        return f"{plan.first} is preferred"
    return "undecided"


def plan_problems(result: dict[str, Any]) -> list[str]:
    """Where an evaluation did not go as planned, in words."""
    plan, position = result["plan"], result["position"]
    name = f"{plan['first']} and {plan['second']}"
    problems = []
    if result["before_the_plan"]:
        problems.append(f"{name}: {result['before_the_plan']} ratings are older than the plan and do not count")
    if result["missing"] > MOST_MISSING * plan["size"]:
        problems.append(f"{name}: {result['missing']} of {plan['size']} planned questions have no verdict")
    if result["other_guideline"]:
        problems.append(f"{name}: {result['other_guideline']} ratings followed another guideline than planned")
    if position["n"] >= FEW and not position["low"] <= 0.5 <= position["high"]:
        problems.append(f"{name}: the left side was preferred in {position['mean']:.0%} of {position['n']} ratings")
    return problems
