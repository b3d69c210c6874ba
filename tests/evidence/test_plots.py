"""Plots: each kind writes a PNG file, the same bytes for the same numbers. Does not belong here: how they look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genaiops_assets.evidence import (
    draw_bars,
    draw_curves,
    draw_histogram,
    draw_intervals,
    draw_matrix,
    draw_scatter,
)

Draw = Callable[[Path, str], None]
KINDS: dict[str, Draw] = {
    "bars": lambda path, name: draw_bars(path, "Rows", {name: 3, "rejected": 0.5}, unit=" rows"),
    "no bars": lambda path, name: draw_bars(path, "Rows", {}),
    "histogram": lambda path, name: draw_histogram(
        path, "Length", {name: [1, 2, 2, 9], "after": []}, xlabel="characters"
    ),
    "curves": lambda path, name: draw_curves(
        path, "Training", {name: [(0, 1.0), (1, 0.5)], "margin": [(0, 0)]}, xlabel="step"
    ),
    "intervals": lambda path, name: draw_intervals(
        path, "F1", {name: {"mean": 0.5, "low": 0.4, "high": 0.6}}, zero=True
    ),
    "matrix": lambda path, name: draw_matrix(
        path,
        "Risks",
        {name: (2, 9, True), "second": (2, 9, False), "third": (10, 1, False)},
        [["L"] * 10] * 5 + [["H"] * 10] * 5,
        xlabel="likelihood",
        ylabel="severity",
        legend=("measured", "assumed"),
    ),
    "scatter": lambda path, name: draw_scatter(
        path, "Drift", {name: np.array([[0, 1], [2, 3]]), "now": np.zeros((0, 2))}
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_plot_is_a_png_with_the_same_bytes_for_the_same_numbers(tmp_path: Path, kind: str) -> None:
    for folder in ("one", "two"):
        KINDS[kind](tmp_path / folder / "views" / "plot.png", "kept")
    one, two = ((tmp_path / folder / "views" / "plot.png").read_bytes() for folder in ("one", "two"))
    assert one.startswith(b"\x89PNG\r\n\x1a\n") and one == two


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "no bars"])
def test_a_name_with_dollar_signs_is_not_read_as_a_formula(tmp_path: Path, kind: str) -> None:
    KINDS[kind](tmp_path / "plot.png", r"from $25 \% to $30_{")
    assert (tmp_path / "plot.png").stat().st_size > 1000


def test_other_numbers_are_other_bytes(tmp_path: Path) -> None:
    for value in (1, 2):
        draw_bars(tmp_path / f"{value}.png", "Rows", {"kept": value})
    assert (tmp_path / "1.png").read_bytes() != (tmp_path / "2.png").read_bytes()


def test_no_figure_stays_open(tmp_path: Path) -> None:
    from matplotlib import pyplot as plt

    plt.close("all")
    for draw in KINDS.values():
        draw(tmp_path / "plot.png", "kept")
    assert plt.get_fignums() == []


def test_one_item_or_none_has_no_interval_and_is_drawn_all_the_same(tmp_path: Path) -> None:
    values = {
        "forty": {"mean": 0.5, "low": 0.4, "high": 0.6},
        "one": {"mean": 1.0, "low": None, "high": None},
        "none": {"mean": None, "low": None, "high": None},
    }
    draw_intervals(tmp_path / "plot.png", "Effects", values, zero=True)
    assert (tmp_path / "plot.png").stat().st_size > 1000
