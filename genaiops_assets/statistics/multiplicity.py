"""Several tests in one decision: what each p-value is worth beside the others.

Belongs here: Holm's procedure over a decision's tests. Does not belong here: how a p-value comes about, or what a
decision does with it (`evaluation/gates.py`). For many windows in time: `permutation.alpha_of_one`."""

from __future__ import annotations

from collections.abc import Sequence

Maybe = float | None


def holm(p_values: Sequence[Maybe]) -> list[Maybe]:
    """Each p-value adjusted for all of them: the chance of any false finding is at most alpha where those with an
    adjusted value up to alpha are believed, whatever they have in common.

    A test without a p-value (None) was not made: it is left out before, stays None, and makes the others neither
    smaller nor missing. ValueError for a p-value outside 0..1. Source: Holm 1979, "A simple sequentially rejective
    multiple test procedure"."""
    found: list[Maybe] = [None] * len(p_values)
    so_far = 0.0
    for place, (p, index) in enumerate(ordered := _made(p_values)):
        so_far = max(so_far, min(1.0, (len(ordered) - place) * p))
        found[index] = so_far
    return found


def holm_levels(p_values: Sequence[Maybe], alpha: float) -> list[Maybe]:
    """The level at which Holm's procedure holds each p-value against: alpha / m for the smallest of m, alpha for the
    largest. Equal p-values share the strictest of their levels."""
    found: list[Maybe] = [None] * len(p_values)
    level, last = 0.0, None
    for place, (p, index) in enumerate(ordered := _made(p_values)):
        level = level if p == last else alpha / (len(ordered) - place)
        found[index], last = level, p
    return found


def _made(p_values: Sequence[Maybe]) -> list[tuple[float, int]]:
    """(p-value, its place) of the tests that were made, the smallest first."""
    made = [(p, index) for index, p in enumerate(p_values) if p is not None]
    if not all(0 <= p <= 1 for p, _ in made):
        raise ValueError(f"p-values lie in 0..1, not {[p for p, _ in made]}")
    return sorted(made)
