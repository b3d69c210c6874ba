"""Judgements of single answers: thumbs, edits, TRL's unpaired rows, and completions with ratings (UltraFeedback).

Belongs here: rows that say how good one answer is. Does not belong here: rows that hold a pair (`pairs.py`).
Sources: TRL documentation, "Unpaired preference"; the data card of openbmb/UltraFeedback."""

from __future__ import annotations

import math
from typing import Any

from genaiops_assets.alignment.shapes.base import (
    Row,
    Said,
    Unusable,
    answer_of,
    question_of,
    reviewer_of,
    text,
    turns,
)

THUMBS = {"up": True, "down": False}


def thumb(row: Row) -> list[Said]:
    """{question, answer, thumb: up or down, reviewer}: an answer without one to compare it with."""
    if (stated := row["thumb"]) not in THUMBS:
        raise Unusable("thumb", f"expected up or down, found {stated!r}")
    return [_alone(text(row, "question"), text(row, "answer"), THUMBS[stated], text(row, "reviewer"))]


def edit(row: Row) -> list[Said]:
    """{question, answer, edited, reviewer}: what a person made of an answer is better than the answer."""
    return [Said(text(row, "question"), text(row, "edited"), text(row, "answer"), text(row, "reviewer"))]


def unpaired(row: Row) -> list[Said]:
    """{prompt, completion, label: true or false}, or {messages, label} whose last turn is the answer."""
    if not isinstance(label := row["label"], bool):
        raise Unusable("label", f"expected true or false, found {label!r}")
    if "messages" in row:
        said = turns(row["messages"], "messages")
        return [_alone(question_of(said[:-1], "messages"), answer_of(said[-1:], "messages"), label, reviewer_of(row))]
    prompt, answer = row.get("prompt"), row.get("completion")
    question = question_of(turns(prompt, "prompt"), "prompt") if isinstance(prompt, list) else text(row, "prompt")
    is_list = isinstance(answer, list)
    answered = answer_of(turns(answer, "completion"), "completion") if is_list else text(row, "completion")
    return [_alone(question, answered, label, reviewer_of(row))]


def _alone(question: str, answer: str, good: bool, reviewer: str) -> Said:
    return Said(question, answer, "", reviewer) if good else Said(question, "", answer, reviewer)


def rated(row: Row) -> list[Said]:
    """{instruction, completions: [{response, overall_score}]}: the best rated completion against the worst. Where no
    overall score stands, the mean of `annotations.ASPECT.Rating`. Refused where all are rated alike."""
    completions = row["completions"]
    if not isinstance(completions, list) or len(completions) < 2:
        raise Unusable("completions", "expected at least two")
    scored = []
    for n, one in enumerate(completions):
        field = f"completions[{n}]"
        if not isinstance(one, dict):
            raise Unusable(field, "expected an object with response and ratings")
        try:
            answer = text(one, "response")
        except Unusable:
            raise Unusable(f"{field}.response", "expected text") from None
        scored.append((_score(one, field), answer))
    best, worst = max(scored, key=lambda s: s[0]), min(scored, key=lambda s: s[0])
    if best[0] == worst[0]:
        raise Unusable("completions", f"all are rated {best[0]:g}: nothing is preferred")
    question = text(row, "instruction" if "instruction" in row else "prompt")
    return [Said(question, best[1], worst[1], reviewer_of(row))]


def _score(completion: Row, field: str) -> float:
    for name in ("overall_score", "rating"):
        if (found := _number(completion.get(name))) is not None:
            return found
    aspects = completion.get("annotations")
    ratings = [_number(a.get("Rating")) for a in _aspects(aspects)]
    known = [r for r in ratings if r is not None]
    if not known:
        raise Unusable(field, "expected overall_score, or ratings in annotations")
    return sum(known) / len(known)


def _aspects(annotations: Any) -> list[Row]:
    """Ratings by aspect; an aspect may hold one or a list of them."""
    if not isinstance(annotations, dict):
        return []
    flat = [a for value in annotations.values() for a in (value if isinstance(value, list) else [value])]
    return [a for a in flat if isinstance(a, dict)]


def _number(value: Any) -> float | None:
    """A rating as a finite number; "N/A" and the like are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
