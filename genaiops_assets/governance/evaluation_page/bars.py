"""Intervals drawn by hand: a line for the interval, a point for the mean, dashed lines for limits, as inline SVG.

Belongs here: axes, and one bar. Does not belong here: text (it stands beside the bar in HTML, so that it wraps on a
narrow screen and can be copied), or which intervals are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

WIDTH = 100.0  # of the viewBox, in percent of the bar
GRID = (0.0, 25.0, 50.0, 75.0, 100.0)


class Axis(NamedTuple):
    """The range a bar stands for."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value lies, in percent; at the edge where it lies beyond."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * WIDTH, 2)

    @property
    def ends(self) -> tuple[float, float, float]:
        return self.low, (self.low + self.high) / 2, self.high


def axis_for(values: Iterable[Mapping[str, Any]], limits: Iterable[float] = (), *, around_zero: bool = False) -> Axis:
    """0..1 where all lies within; for differences zero in the middle; else what holds all of it."""
    found = [v[end] for v in values for end in ("low", "mean", "high") if v.get(end) is not None]
    found += [limit for limit in limits if limit is not None]
    if around_zero:
        reach = nice(max((abs(v) for v in found), default=0.1))
        return Axis(-reach, reach)
    low, high = min(found, default=0.0), max(found, default=1.0)
    if low >= 0 and high <= 1:
        return Axis(0.0, 1.0)
    return Axis(-nice(-low) if low < 0 else 0.0, nice(high) if high > 0 else 0.0)


def nice(reach: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten that is no less."""
    if reach <= 0:
        return 0.1
    power = 10.0 ** math.floor(math.log10(reach))
    return next(round(step * power, 12) for step in (1, 2, 2.5, 5, 10) if step * power >= reach * (1 - 1e-9))


def bar(value: Mapping[str, Any] | None, axis: Axis, limits: Iterable[float | None] = (), tone: str = "") -> Markup:
    """One interval on its axis. `limits`: dashed lines; `tone`: a class that colours it."""
    parts = [line("grid", x, 0, x, 20) for x in GRID]
    if axis.low < 0 < axis.high:
        parts.append(line("zero", axis.at(0), 0, axis.at(0), 20))
    parts += [line("limit", axis.at(limit), 0, axis.at(limit), 20) for limit in limits if limit is not None]
    if value and value.get("mean") is not None:
        if value.get("low") is not None:
            parts.append(line("reach", axis.at(value["low"]), 10, axis.at(value["high"]), 10))
        parts.append(line("mean", axis.at(value["mean"]), 10, axis.at(value["mean"]), 10))
    opened = Markup('<svg class="bar {}" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">')
    return opened.format(tone) + Markup("").join(parts) + Markup("</svg>")


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)
