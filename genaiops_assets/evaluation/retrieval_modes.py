"""Ways of searching compared on the same questions, and with an earlier comparison.

Belongs here: scores by way of searching, and what got worse. Does not belong here: searching (a payload), single
scores (`metrics.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation.golden import Query
from genaiops_assets.evaluation.measure import DIGITS, Measure
from genaiops_assets.evaluation.suites.retrieval import ranking_scores

Items = Mapping[str, Mapping[str, Mapping[str, float]]]  # set → way of searching → question id → nDCG@10


def compared_modes(
    queries: Sequence[Query], ranked: Mapping[str, Sequence[Sequence[str]]], measure: Measure
) -> dict[str, Any]:
    """`modes`: recall@10, MRR and nDCG@10 with intervals by way of searching; `items`: nDCG@10 by question, for later
    comparisons. `ranked`: by way of searching the ranked document ids of each question."""
    modes, items = {}, {}
    for mode, found in ranked.items():
        scores = [ranking_scores(r, set(q.relevant)) for q, r in zip(queries, found, strict=True)]
        modes[mode] = {name: measure.mean([s[name] for s in scores]) for name in ("recall_at_10", "mrr", "ndcg_at_10")}
        items[mode] = {q.id: round(s["ndcg_at_10"], DIGITS) for q, s in zip(queries, scores, strict=True)}
    return {"modes": modes, "items": items}


def against(now: Items, before: Items, measure: Measure) -> dict[str, dict[str, Any]]:
    """set → way of searching → interval of nDCG@10 now less before, paired over the questions both have; none where
    they share none."""
    found: dict[str, dict[str, Any]] = {}
    for name, modes in now.items():
        for mode, items in modes.items():
            earlier = before.get(name, {}).get(mode, {})
            shared = sorted(items.keys() & earlier.keys())
            if shared:
                interval = measure.effect([items[i] for i in shared], [earlier[i] for i in shared])
                found.setdefault(name, {})[mode] = interval
    return found


def worse(differences: Mapping[str, Mapping[str, Mapping[str, Any]]], mode: str) -> list[str]:
    """The sets on which a way of searching lost: the whole interval lies below zero."""
    return sorted(
        name
        for name, by in differences.items()
        if mode in by and (by[mode]["high"] is not None and by[mode]["high"] < 0)
    )
