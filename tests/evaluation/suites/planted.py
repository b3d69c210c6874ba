"""A suite run on answers, or likelihoods, that a test makes up, and a gate on what comes out. Holds no tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.evaluation import (
    Found,
    Golden,
    Item,
    Measure,
    Suite,
    World,
    apply_gate,
    is_reading,
    scored,
    section_of,
    verdict,
)
from genaiops_assets.models import packaged_prompts
from genaiops_assets.use_case import SUITES, Criterion

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
MEASURE = Measure(resamples=200, confidence=0.95, seed=7)
PASSAGES = {
    "en": ["Late return of the blue card costs 95 dollars each quarter.", "Opening an account is free of charge."],
    "zh": ["图书逾期，每册每天收取0.2元逾期费。", "借书证免费办理。"],
}
Speaks = Callable[[Item], str]


def world(language: str = "en", **more: Any) -> World:
    """Search finds the same two passages for each of forty golden questions."""
    found = [Found(f"p{n}", f"d{n}", text, 0.9 - n / 10) for n, text in enumerate(PASSAGES[language])]
    question = {"en": "What does late return {} cost?", "zh": "第{}本书逾期怎么收费？"}[language]
    return World(
        search=lambda questions, depth: [found[:depth] for _ in questions],
        top_k=2,
        language=language,
        prompts=packaged_prompts(language),
        golden=[Golden(f"g{n:02}", question.format(n), "95 dollars", (f"d{n}",), "dev") for n in range(40)],
        **more,
    )


def figures(name: str, answers: Speaks, language: str = "en", **more: Any) -> dict[str, Any]:
    """Metric → slice → interval of a suite whose items were all answered so, in its last cell."""
    suite, around = SUITES.get(name), world(language, **more)
    items = suite.items(around)
    return section(suite, items, [answers(item) for item in items], around)


def read_figures(
    name: str, sums: Callable[[Item], Sequence[float]], language: str = "en", **more: Any
) -> dict[str, Any]:
    """The same of a suite that is read."""
    suite, around = SUITES.get(name), world(language, **more)
    assert is_reading(suite)
    items = suite.items(around)
    assert all(len(sums(item)) == len(suite.reads(item, around).ways) for item in items[:9])
    return section(suite, items, [sums(item) for item in items], around)


def section(suite: Suite, items: Sequence[Item], given: Sequence[Any], around: World) -> dict[str, Any]:
    cell = list(suite.speakers)[-1]
    results = scored(suite, items, {cell: given}, around)
    found: dict[str, Any] = section_of(suite, results, MEASURE)["suites"][suite.name]
    assert set(found["cells"][cell]) <= set(suite.metrics)  # type: ignore[attr-defined]
    return found["cells"][cell]


def decided(metric: dict[str, Any], part: str = "all", **limit: float) -> str:
    """The verdict of a single gate on an interval."""
    gate = Criterion(
        id="planted", metric=f"/figure/{part}", min_items=10, rationale="what was planted must show here", **limit
    )
    return verdict([apply_gate(gate, {"figure": metric})])
