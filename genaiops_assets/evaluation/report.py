"""The evaluation report: from scored items to `eval_report.json`.

Belongs here: which interval stands where. Does not belong here: generation and search (a payload), scores (`suites/`),
the rows kept beside it (`outputs.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation.changes import distinct
from genaiops_assets.evaluation.judges.topic import TOPIC_JUDGE
from genaiops_assets.evaluation.measure import DIGITS, Measure
from genaiops_assets.evaluation.suites.base import (
    Item,
    Scored,
    Suite,
    World,
    about_of,
    answers_of,
    is_comparing,
    is_reading,
)
from genaiops_assets.evaluation.suites.new_topics import AFTER, BEFORE, QUALITY
from genaiops_assets.text import words
from genaiops_assets.use_case import ALL, CELLS, EFFECTS, SLICES

SAMPLES = 5
TUNED, BASE = EFFECTS["tuning"]
CITED = 300  # characters of an answer

Answers = Mapping[str, Sequence[str]]  # cell → one answer an item
Sums = Mapping[str, Sequence[Sequence[float]]]  # cell → of each item the log probability of each way it is read


def scored(suite: Suite, items: Sequence[Item], given: Answers | Sums, world: World) -> list[Scored]:
    """Every item in every cell, or once where nobody answers. Raises PayloadError naming suite, item and metric of a
    score outside 0..1."""
    cells: Mapping[str, Sequence[Any]] = given if suite.speakers else {"": [""] * len(items)}
    found = []
    for cell, texts in cells.items():
        of_items = scores_of(suite, items, cell, texts, world)
        for item, one, scores in zip(items, texts, of_items, strict=True):
            answer = "" if is_reading(suite) or answers_of(suite) else one  # kept once, with the suite that asked
            for metric, value in scores.items():
                if value is not None and not (math.isfinite(value) and 0 <= value <= 1):
                    raise PayloadError(
                        f"suite {suite.name}, item {item.id}, cell {cell}: {metric} is {value}, not a score in 0..1"
                    )
            rounded = {m: None if v is None else round(float(v), DIGITS) for m, v in scores.items()}
            found.append(Scored(suite.name, item, cell, tuple(suite.slices(item)), answer, rounded))
    return found


def scores_of(
    suite: Suite, items: Sequence[Item], cell: str, given: Sequence[Any], world: World
) -> Iterable[Mapping[str, float | None]]:
    """Metric → score of each item in a cell, from its answer or from what the model made of it."""
    if is_comparing(suite):
        return suite.score_together(items, cell, given, world)
    if is_reading(suite):
        return (suite.score_read(item, cell, one, world) for item, one in zip(items, given, strict=True))
    return (suite.score(item, cell, one, world) for item, one in zip(items, given, strict=True))


def section_of(
    suite: Suite, results: Sequence[Scored], measure: Measure, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a suite adds to the report: the first suites where cards and gates have always read them, others under
    `/suites/NAME/cells/CELL/METRIC/SLICE`, with `more` beside its cells."""
    if suite.name == "golden":
        return cells_and_effects(results, measure)
    if suite.name == "retrieval":
        return {"retrieval": retrieval_section(results, measure)}
    if suite.name == "new_topics":
        return {}
    return {"suites": {suite.name: {**suite_section(suite, results, measure), **(more or {})}}}


def cells_and_effects(results: Sequence[Scored], measure: Measure) -> dict[str, Any]:
    """`cells` and `effects`: intervals for all golden questions and each split; `diversity` of each cell's answers."""
    present = [c for c in CELLS if any(r.cell == c for r in results)]
    cells = {c: {m: _by_slice(results, c, m, SLICES, measure) for m in _metrics(results)} for c in present}
    effects = {
        name: {s: _effect(results, a, b, "answer_f1", s, measure) for s in SLICES}
        for name, (a, b) in EFFECTS.items()
        if a in present and b in present
    }
    abstained = _abstained(results)
    diversity = {c: _diversity([r.answer for r in results if r.cell == c]) for c in present}
    more = {"abstained": abstained} if abstained else {}
    return {"cells": cells, "effects": effects, "diversity": diversity, **more}


def retrieval_section(results: Sequence[Scored], measure: Measure) -> dict[str, Any]:
    """Set of questions → score → interval."""
    sets = dict.fromkeys(s for r in results for s in r.slices)
    return {
        name: {
            metric: measure.mean(values)
            for metric in _metrics(results)
            if (values := _values(results, "", metric, name))
        }
        for name in sets
    }


def new_topics_section(results: Sequence[Scored], measure: Measure, before_is: str) -> dict[str, Any]:
    """Quality before and after, and the paired effect of going from one to the other."""
    before, after = (_values(results, cell, QUALITY, ALL) for cell in (BEFORE, AFTER))
    items = [r.item for r in results if r.cell == AFTER]
    return {
        "questions": len(items),
        "covered": sum(item.facts["covered"] for item in items),
        "before_is": before_is or "base model",
        "measured_by": TOPIC_JUDGE,
        "before": measure.mean(before),
        "after": measure.mean(after),
        "effect": measure.effect(after, before),
    }


def suite_section(suite: Suite, results: Sequence[Scored], measure: Measure) -> dict[str, Any]:
    """Version, number of items, and an interval for each cell, metric and slice; abstentions are counted beside
    them."""
    cells = dict.fromkeys(r.cell for r in results)
    slices = dict.fromkeys([ALL, *(s for r in results for s in r.slices)])
    intervals = {
        cell or ALL: {metric: _by_slice(results, cell, metric, slices, measure) for metric in _metrics(results)}
        for cell in cells
    }
    pairs = [pair for pair in ((TUNED, BASE), ("tuned", "base")) if set(pair) <= cells.keys()]
    effects = {
        f"tuning_on_{metric}": {s: _effect(results, after, before, metric, s, measure) for s in slices}
        for after, before in pairs
        for metric in _metrics(results)
    }
    about = about_of(suite)
    return {
        "version": suite.version,
        **({"about": about.to_dict()} if about else {}),
        **({"judged_by": dict(named)} if (named := getattr(suite, "judged_by", {})) else {}),
        "items": len({r.item.id for r in results}),
        **({"drawn_together": groups} if (groups := _grouped(results)) else {}),
        "cells": intervals,
        **({"effects": effects} if effects else {}),
        "abstained": _abstained(results),
    }


def samples(items: Sequence[Item], answers: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Evenly spread golden items with what each cell answered: neither the best nor the worst."""
    step = max(1, len(items) // SAMPLES)
    chosen = list(range(0, len(items), step))[:SAMPLES]
    return [
        {
            "question": items[i].question,
            "reference": items[i].reference,
            "answers": {cell: texts[i][:CITED] for cell, texts in answers.items()},
        }
        for i in chosen
    ]


def _by_slice(
    results: Sequence[Scored], cell: str, metric: str, slices: Iterable[str], measure: Measure
) -> dict[str, Any]:
    found, groups = {}, _groups(results)
    for s in slices:
        scores = _scores(results, cell, metric, s)
        known, missing = ([i for i, v in scores.items() if (v is None) is lost] for lost in (False, True))
        values = [value for value in scores.values() if value is not None]
        found[s] = measure.mean(values, len(missing), [groups[i] for i in (*known, *missing)])
    return found


def _effect(
    results: Sequence[Scored], after: str, before: str, metric: str, part: str, measure: Measure
) -> dict[str, Any]:
    """Paired by item; a pair that lacks either score is missing."""
    return paired_effect(
        _scores(results, after, metric, part), _scores(results, before, metric, part), measure, _groups(results)
    )


def paired_effect(
    after: Mapping[str, float | None],
    before: Mapping[str, float | None],
    measure: Measure,
    groups: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Item → score after and before, None where there is none: the interval of the mean difference over the items that
    both know. `groups`: item → with which it was drawn."""
    asked = [item for item in after if item in before]
    pairs = {i: (a, b) for i in asked if (a := after[i]) is not None and (b := before[i]) is not None}
    missing = [item for item in asked if item not in pairs]
    together = [groups[item] for item in (*pairs, *missing)] if groups else None
    return measure.effect([a for a, _ in pairs.values()], [b for _, b in pairs.values()], len(missing), together)


def _groups(results: Sequence[Scored]) -> dict[str, str]:
    """Item → with which items it was drawn: itself where a suite says nothing."""
    return {r.item.id: r.item.group or f"item {r.item.id}" for r in results}


def _grouped(results: Sequence[Scored]) -> dict[str, str]:
    """Item → its group, of those that were drawn with others: a later comparison of two reports needs it."""
    return {r.item.id: r.item.group for r in results if r.item.group}


def _diversity(answers: Sequence[str]) -> dict[str, float | None]:
    tokens = [words(answer) for answer in answers]
    return {"distinct_1": distinct(tokens, 1), "distinct_2": distinct(tokens, 2)}


def _values(results: Sequence[Scored], cell: str, metric: str, part: str) -> list[float]:
    """Scores in a cell and slice, without abstentions."""
    return [value for value in _scores(results, cell, metric, part).values() if value is not None]


def _scores(results: Sequence[Scored], cell: str, metric: str, part: str) -> dict[str, float | None]:
    """Item → score in a cell and slice; None where the score abstained. Items that have no such score are not
    asked."""
    return {
        r.item.id: r.scores[metric]
        for r in results
        if r.cell == cell and metric in r.scores and (part == ALL or part in r.slices)
    }


def _metrics(results: Sequence[Scored]) -> list[str]:
    return list(dict.fromkeys(metric for r in results for metric in r.scores))


def _abstained(results: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """Cell → metric → items without a score, where there are any."""
    found: dict[str, dict[str, int]] = {}
    for r in results:
        for metric, value in r.scores.items():
            if value is None:
                cell = found.setdefault(r.cell or ALL, {})
                cell[metric] = cell.get(metric, 0) + 1
    return found
