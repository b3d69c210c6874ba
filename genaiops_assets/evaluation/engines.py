"""What another engine's answers cost: beside those that transformers gives greedily with the same weights.

Belongs here: the figures of the two. Does not belong here: answering (a payload), how fast an engine is
(`tests/benchmarks`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.evaluation.measure import Measure
from genaiops_assets.evaluation.metrics import answer_f1
from genaiops_assets.evaluation.suites.base import Item

COMPARED = 16  # golden questions, from all over the set: the slow engine answers them once more


def compared_items(items: Sequence[Item]) -> list[Item]:
    return [items[n * len(items) // COMPARED] for n in range(COMPARED)] if len(items) > COMPARED else list(items)


def engine_loss(
    items: Sequence[Item],
    answers: Sequence[str],
    reference: Sequence[str],
    measure: Measure,
    *,
    engine: str,
    cell: str,
    dtype: str,
) -> dict[str, Any]:
    """{engine, against, cell, identical: share of answers that are the same word for word, answer_f1: paired difference
    engine less reference, differing: ids}, both figures with their intervals."""

    def scores(of: Sequence[str]) -> list[float]:
        return [answer_f1(answer, item.reference or "") for item, answer in zip(items, of, strict=True)]

    same = [one == other for one, other in zip(answers, reference, strict=True)]
    return {
        "engine": engine,
        "against": f"transformers, {dtype}, greedy",
        "cell": cell,
        "identical": measure.mean([float(equal) for equal in same]),
        "answer_f1": measure.effect(scores(answers), scores(reference)),
        "differing": [item.id for item, equal in zip(items, same, strict=True) if not equal],
    }
