"""A plot of points on a square of ratings, 1..10 by 1..10, coloured by what each field means.

Belongs here: drawing it in the one style. Does not belong here: what is rated, or what a colour means to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from genaiops_assets.evidence.plots import ACCENT, INK, _figure, _save

FIELDS = {"L": "#e6f4ea", "M": "#fff4d6", "H": "#fde0d8"}
STEP = 0.32  # between points on one field


def draw_matrix(
    path: Path,
    title: str,
    points: Mapping[str, tuple[int, int, bool]],
    fields: Sequence[Sequence[str]],
    *,
    xlabel: str,
    ylabel: str,
    legend: tuple[str, str],
) -> None:
    """`points`: name → (x, y, filled); `fields[y - 1][x - 1]`: L, M or H. Points on one field stand below each other;
    their names are in a list beside the square, by number."""
    figure, axes = _figure(title, (7.6, 4.4))
    for y, row in enumerate(fields, 1):
        for x, letter in enumerate(row, 1):
            axes.fill_between([x - 0.5, x + 0.5], y - 0.5, y + 0.5, color=FIELDS[letter], linewidth=0)
    taken: dict[tuple[int, int], int] = {}
    lines = []
    for number, (name, (x, y, filled)) in enumerate(points.items(), 1):
        place = taken[x, y] = taken.get((x, y), -1) + 1
        left, up = x - 0.3 + STEP * (place % 3), y + 0.28 - STEP * (place // 3)
        axes.plot(left, up, "o", color=ACCENT, markersize=10, fillstyle="full" if filled else "none")
        axes.annotate(str(number), (left, up), ha="center", va="center", fontsize=6, color="white" if filled else INK)
        lines.append(f"{number} {'●' if filled else '○'} {name}")
    lines += ["", f"● {legend[0]}", f"○ {legend[1]}"]
    axes.text(1.03, 1.0, "\n".join(lines), transform=axes.transAxes, va="top", fontsize=8, color=INK)
    axes.set(xlim=(0.5, 10.5), ylim=(0.5, 10.5), xticks=range(1, 11), yticks=range(1, 11), xlabel=xlabel, ylabel=ylabel)
    _save(figure, path)
