"""Plots: the few kinds of picture the platform shows, in one style, as PNG files.

Belongs here: bars, curves, intervals and scatter from plain numbers. Does not belong here: what is plotted, or why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

INK, ACCENT, MUTED, BAD = "#1f2933", "#2f6db5", "#9fb3c8", "#c2410c"
SIZE = (6.4, 3.2)


def _figure(title: str, size: tuple[float, float] = SIZE) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    plt.rcParams.update(
        {
            "font.family": ["DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP"],
            "font.size": 9,
            "axes.edgecolor": MUTED,
            "text.parse_math": False,
        }
    )
    import logging

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.set_title(title, loc="left", color=INK, fontsize=10, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot as plt

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def draw_bars(path: Path, title: str, values: Mapping[str, float], *, unit: str = "") -> None:
    """Horizontal bars with their values."""
    figure, axes = _figure(title, (6.4, 0.9 + 0.32 * max(len(values), 1)))
    names = list(values)[::-1]
    drawn = axes.barh(names, [values[n] for n in names], color=ACCENT)
    axes.bar_label(drawn, fmt=lambda v: f"{v:g}{unit}", padding=3, color=INK)
    axes.margins(x=0.15)
    _save(figure, path)


def draw_histogram(path: Path, title: str, groups: Mapping[str, Any], *, xlabel: str) -> None:
    """Overlaid histograms of numbers (lists or arrays) on shared bins: before and after, say."""
    figure, axes = _figure(title)
    for (name, values), colour in zip(groups.items(), (MUTED, ACCENT, BAD), strict=False):
        axes.hist(values, bins=40, label=f"{name} ({len(values)})", color=colour, alpha=0.75)
    axes.set_xlabel(xlabel)
    axes.legend(frameon=False)
    _save(figure, path)


def draw_curves(path: Path, title: str, series: Mapping[str, Sequence[tuple[float, float]]], *, xlabel: str) -> None:
    """Lines, each in its own axes row, sharing x."""
    from matplotlib import pyplot as plt

    figure, _ = _figure(title)
    plt.close(figure)
    figure, rows = plt.subplots(
        len(series), 1, figsize=(6.4, 1.7 * len(series) + 0.4), sharex=True, layout="constrained", squeeze=False
    )
    for axes, (name, points) in zip(rows[:, 0], series.items(), strict=True):
        axes.plot([x for x, _ in points], [y for _, y in points], color=ACCENT, marker=".", linewidth=1.2)
        axes.set_ylabel(name)
        axes.spines[["top", "right"]].set_visible(False)
    rows[-1, 0].set_xlabel(xlabel)
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=10, fontweight="bold")
    _save(figure, path)


def draw_intervals(
    path: Path, title: str, values: Mapping[str, Mapping[str, float | None]], *, zero: bool = False
) -> None:
    """Points with their intervals {mean, low, high}; `zero` draws the line an effect must leave behind. A single item
    has no interval and is a point alone; a value without items is named and empty."""
    figure, axes = _figure(title, (6.4, 0.9 + 0.36 * max(len(values), 1)))
    names = list(values)[::-1]
    for y, name in enumerate(names):
        v = values[name]
        if v["mean"] is None:
            continue
        end = v["mean"] if v["high"] is None else v["high"]
        if v["low"] is not None:
            axes.plot([v["low"], v["high"]], [y, y], color=MUTED, linewidth=4, solid_capstyle="round")
        axes.plot(v["mean"], y, "o", color=ACCENT)
        axes.annotate(f"{v['mean']:.3f}", (end, y), xytext=(6, -3), textcoords="offset points", color=INK)
    axes.set_yticks(range(len(names)), names)
    axes.margins(x=0.15, y=0.2)
    if zero:
        axes.axvline(0, color=BAD, linewidth=1, linestyle="--")
    _save(figure, path)


def draw_forest(path: Path, title: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Many intervals {mean, low, high, said, bad} on one axis, with lines at 0, where nothing changed, and at 1, which
    none should lie beyond; `said` stands beside each. A value without items is named and empty."""
    figure, axes = _figure(title, (6.4, 0.9 + 0.36 * max(len(rows), 1)))
    names = list(rows)[::-1]
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.axvline(1, color=BAD, linewidth=1, linestyle="--")
    right = max((v[end] for v in rows.values() for end in ("mean", "high") if v[end] is not None), default=1.0)
    for y, name in enumerate(names):
        v = rows[name]
        axes.annotate(v["said"], (max(right, 1.0), y), xytext=(10, -3), textcoords="offset points", color=INK)
        if v["mean"] is None:
            continue
        colour = BAD if v["bad"] else ACCENT
        if v["low"] is not None:
            axes.plot([v["low"], v["high"]], [y, y], color=colour, linewidth=4, alpha=0.4, solid_capstyle="round")
        axes.plot(v["mean"], y, "o", color=colour)
    axes.set_yticks(range(len(names)), names)
    axes.margins(x=0.05, y=0.1)
    _save(figure, path)


def draw_scatter(path: Path, title: str, groups: Mapping[str, Any]) -> None:
    """Points (n, 2) by group: reference under current."""
    figure, axes = _figure(title)
    for (name, points), colour in zip(groups.items(), (MUTED, BAD, ACCENT), strict=False):
        axes.scatter(points[:, 0], points[:, 1], s=12, color=colour, label=f"{name} ({len(points)})", alpha=0.8)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.legend(frameon=False)
    _save(figure, path)
