"""How long people wait for an answer, and what the model reads and writes for it.

Belongs here: which questions are asked, what is certain of them (tokens) and what was measured (seconds), and whether a
limit is kept. Does not belong here: measuring (a payload), what it costs (`governance/costs.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.statistics import needed_for_upper_bound, quantile_interval
from genaiops_assets.use_case import LatencyLimits

ANSWERS = 36  # in a whole run; fewer in a smoke run
DIGITS = 6
MEDIAN, NINETY_FIVE = 0.5, 0.95
SECONDS = {
    "search": "seconds to find the passages",
    "first": "seconds to the first token, behind the search",
    "between": "seconds from one token to the next",
    "whole": "seconds of a whole answer, with search",
}
LIMITS = {"seconds_to_first_token": "first", "seconds_per_token": "between"}

Row = Mapping[str, Any]


def asked_for_time(items: Sequence[Any], limit: int | None) -> list[Any]:
    """The golden items that are timed, from all over the set, each again from the start where there are too few; in a
    smoke run so many of them."""
    wanted = ANSWERS if limit is None else min(limit, len(items))
    if len(items) >= wanted:
        return [items[n * len(items) // wanted] for n in range(wanted)]
    return [items[n % len(items)] for n in range(wanted)] if items else []


def token_figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Tokens read and written: the same in every run, so they are what is hashed. {read, written: {mean, p50, p95,
    total}}."""
    return {name: _tokens([row[name] for row in rows]) for name in ("read", "written")}


def _tokens(counts: Sequence[int]) -> dict[str, Any]:
    if not counts:
        return {"mean": None, "p50": None, "p95": None, "total": 0}
    mean, quantiles = sum(counts) / len(counts), [quantile_interval(counts, q)["value"] for q in (MEDIAN, NINETY_FIVE)]
    return {"mean": round(mean, 3), "p50": quantiles[0], "p95": quantiles[1], "total": sum(counts)}


def second_figures(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A row a measure: its median and the value below which 95 of 100 lie, each between two bounds (None where so few
    answers give none)."""
    found = []
    for name, what in SECONDS.items():
        values = [row[name] for row in rows if row[name] is not None]
        middle, tail = quantile_interval(values, MEDIAN), quantile_interval(values, NINETY_FIVE)
        named = {"measure": name, "what": what, "answers": len(values)}
        found.append({**named, **_bounds("p50", middle), **_bounds("p95", tail)})
    return found


def _bounds(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    ends = {name: found["value"], f"{name}_low": found["low"], f"{name}_high": found["high"]}
    return {key: None if value is None else round(value, DIGITS) for key, value in ends.items()}


def too_slow(figures: Sequence[Row], limits: LatencyLimits | None) -> tuple[list[str], list[str]]:
    """(limits that are shown to be missed, limits that are neither shown to be missed nor shown to be kept). A limit is
    on what 95 of 100 answers stay below: missed where its whole interval lies above, kept where all of it lies
    below."""
    missed, open_ones = [], []
    by = {row["measure"]: row for row in figures}
    for name, measure in LIMITS.items():
        limit, row = getattr(limits, name, None), by.get(measure)
        if limit is None or row is None:
            continue
        low, high = row["p95_low"], row["p95_high"]
        said = f"{name}: 95 of 100 below {row['p95']} s [{low}, {'open' if high is None else high}], limit {limit} s"
        if low is not None and low > limit:
            missed.append(said)
        elif high is None or high > limit:
            more = f"; a bound above needs {needed_for_upper_bound(NINETY_FIVE)} answers" if high is None else ""
            open_ones.append(f"{said}, {row['answers']} answers{more}")
    return missed, open_ones
