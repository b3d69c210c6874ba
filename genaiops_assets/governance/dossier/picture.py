"""The lineage of a version as an SVG: a column a phase, a box an asset, a line from each input to what was made of it.

Belongs here: the drawing. Does not belong here: what is drawn (`life.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDE, HIGH, GAP, BETWEEN, TOP = 176, 24, 6, 46, 34  # pixels: box, space between boxes and columns, heading
LONGEST = 25  # characters of a name in a box
SIGNS = {"passed": "✓", "warned": "!", "failed": "✗", "": "·"}


@dataclass(frozen=True)
class Box:
    """`outcome`: passed, warned, failed, "" for no check; `inputs`: names of boxes."""

    name: str
    outcome: str
    inputs: Sequence[str]


def lineage(columns: Mapping[str, Sequence[Box]], described: str) -> Markup:
    """`columns`: heading → boxes from top to bottom; boxes lead to `#asset-NAME`. `described`: for those who cannot see
    it."""
    places: dict[str, tuple[int, int]] = {}
    parts = []
    for column, (heading, boxes) in enumerate(columns.items()):
        left = column * (WIDE + BETWEEN)
        parts.append(Markup('<text class="phase" x="{}" y="18">{}</text>').format(left, heading))
        for row, box in enumerate(boxes):
            places[box.name] = left, TOP + row * (HIGH + GAP)
    lines = [
        line(places[name], places[box.name]) for boxes in columns.values() for box in boxes for name in box.inputs
        if name in places and name != box.name
    ]  # fmt: skip
    parts = [*lines, *parts, *(drawn(box, places[box.name]) for boxes in columns.values() for box in boxes)]
    width = max(1, len(columns)) * (WIDE + BETWEEN) - BETWEEN
    height = TOP + max((len(boxes) for boxes in columns.values()), default=0) * (HIGH + GAP)
    return Markup(
        '<svg class="lineage" viewBox="-1 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    ).format(width + 2, height, width + 2, height, described, Markup("").join(parts))


def drawn(box: Box, place: tuple[int, int]) -> Markup:
    left, top = place
    shown = box.name if len(box.name) <= LONGEST else f"{box.name[: LONGEST - 1]}…"
    return Markup(
        '<a href="#asset-{}"><rect class="box {}" x="{}" y="{}" width="{}" height="{}" rx="4"/>'
        '<text x="{}" y="{}">{} {}</text><title>{}</title></a>'
    ).format(
        box.name, box.outcome or "none", left, top, WIDE, HIGH, left + 7, top + 16, SIGNS[box.outcome], shown,
        escape(box.name),
    )  # fmt: skip


def line(start: tuple[int, int], end: tuple[int, int]) -> Markup:
    """From the right side of a box to the left side of another; within a column or backwards it bows out."""
    x1, y1, x2, y2 = start[0] + WIDE, start[1] + HIGH // 2, end[0], end[1] + HIGH // 2
    if x2 <= x1:  # the same column, or one before
        x2 = end[0] + WIDE
        bow = max(x1, x2) + BETWEEN // 2
        path = f"M{x1} {y1}C{bow} {y1} {bow} {y2} {x2} {y2}"
    else:
        path = f"M{x1} {y1}C{x1 + BETWEEN} {y1} {x2 - BETWEEN} {y2} {x2} {y2}"
    return Markup('<path class="line" d="{}"/>').format(path)
