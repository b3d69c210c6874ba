"""What the tests of packaged suites share: forty golden questions, a search that knows them, and what a gate says of a
metric. Holds no tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation import Found, Golden, Measure, Suite, World, apply_gate, scored, section_of, verdict
from genaiops_assets.models import packaged_prompts
from genaiops_assets.use_case import Criterion

MEASURE = Measure(resamples=500, confidence=0.95, seed=7)


def searching(questions: Sequence[str], depth: int) -> list[list[Found]]:
    """Each question finds its own passage first, then two that are of no use; a mistyped one finds those alone."""
    useless = [Found("x", "other", "Parking is free on Sundays.", 0.2), Found("y", "third", "The desk is red.", 0.1)]
    found = []
    for question in questions:
        own = [Found(g.id, g.documents[0], g.answer, 0.9) for g in GOLDEN if g.question == question]
        found.append([*own, *useless][:depth])
    return found


GOLDEN = [
    Golden(
        f"g{n:02}",
        f"What does the express service number {n} cost on weekdays?",
        f"It costs {n} dollars.",
        (f"d{n}",),
        split,
    )
    for n in range(40)
    for split in (("dev", "held_out")[n % 2],)
]


def world(language: str = "en", **more: Any) -> World:
    given: dict[str, Any] = {"golden": GOLDEN, **more}
    return World(search=searching, top_k=2, language=language, prompts=packaged_prompts(language), **given)


def report(suite: Suite, around: World, given: Mapping[str, Any]) -> dict[str, Any]:
    return section_of(suite, scored(suite, suite.items(around), given, around), MEASURE)


def outcome(found: dict[str, Any], metric: str, limit: float, *, at_most: bool = False, items: int = 20) -> str:
    """What a gate on a metric says; a fail alone is a no_go."""
    side = {"at_most": limit} if at_most else {"at_least": limit}
    gate = Criterion(
        id="planted", metric=metric, min_items=items, rationale="A planted fault must not pass this gate.", **side
    )
    result = apply_gate(gate, found)
    assert (verdict([result]) == "no_go") == (result.status == "fail")
    return result.status
