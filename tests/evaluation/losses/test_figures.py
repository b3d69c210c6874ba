"""Figures and their verdicts: lost, within, and not shown, each where the whole interval says so."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evaluation import Comparing, loss_forest, loss_in_words, loss_table, lost_figures

COMPARING = Comparing(confidence=0.95, resamples=1000, seed=7)


def figure(kind: str, base: list[float], tuned: list[float]) -> dict[str, Any]:
    return COMPARING.figure(kind, (base, tuned))


@pytest.mark.parametrize(
    ("kind", "base", "tuned", "verdict"),
    [
        ("capability", [1.0] * 40, [1.0] * 40, "not_shown"),  # forty equal answers may hide one in eleven
        ("answered", [1.0] * 90, [1.0] * 90, "within"),
        ("answered", [1.0] * 90, [1.0] * 30 + [0.0] * 60, "lost"),
        ("answered", [0.0] * 60 + [1.0] * 30, [1.0] * 90, "within"),  # a gain is no loss
        ("repetition", [0.0] * 40, [0.6] * 40, "lost"),
        ("recall", [0.0] * 90, [0.0] * 80 + [1.0] * 10, "not_shown"),
        ("length", [10.0, 12.0, 9.0, 11.0], [10.0, 11.0, 9.0, 12.0], "within"),
        ("length", [10.0, 12.0, 9.0, 11.0], [1.0, 1.0, 1.0, 1.0], "lost"),
        ("length", [10.0, 12.0, 9.0, 11.0], [40.0, 42.0, 38.0, 41.0], "lost"),
        ("bits_per_byte", [1.0, 1.1, 0.9, 1.0], [1.01, 1.1, 0.91, 1.0], "within"),
        ("bits_per_byte", [1.0, 1.1, 0.9, 1.0], [1.2, 1.3, 1.15, 1.25], "lost"),
        ("answered", [1.0], [0.0], "not_shown"),  # one item has no interval
        ("answered", [], [], "not_shown"),
    ],
)
def test_verdicts(kind: str, base: list[float], tuned: list[float], verdict: str) -> None:
    assert figure(kind, base, tuned)["verdict"] == verdict


def test_a_figure_says_how_far_it_may_be_off_and_why() -> None:
    found = figure("bits_per_byte", [1.0, 1.2, 1.1], [1.0, 1.2, 1.1])
    assert found["tolerance"] == {"low": None, "high": 0.055} and found["why"].startswith("5 % of the base")
    assert found["unit"] == "bits per byte" and found["difference"]["confidence"] == 0.95
    assert figure("capability", [1.0] * 3, [1.0] * 3)["tolerance"] == {"low": -0.05, "high": None}


def test_what_is_lost_is_named_with_its_figures() -> None:
    report = {"figures": {"answered": figure("answered", [1.0] * 90, [1.0] * 30 + [0.0] * 60)}}
    report["figures"] |= {"length": figure("length", [10.0, 9.0], [10.0, 9.0])}
    [said] = lost_figures(report)
    assert said.startswith("answered: share 1.000 → 0.333, difference -0.667 [-0.76")
    assert said.endswith("tolerance -0.05: lost: beyond the tolerance")
    assert loss_in_words(figure("answered", [], [])) == "not measured: no item"
    rows = loss_table(report)
    assert [row["figure"] for row in rows] == ["answered", "length"] and rows[1]["tolerance"] == "±7.12"
    drawn = loss_forest(report)["answered"]  # a loss points to the right, beyond 1 it is lost
    assert drawn["mean"] == pytest.approx(0.6667 / 0.05, rel=1e-3) and drawn["low"] > 1 and drawn["bad"]
    assert drawn["low"] < drawn["mean"] < drawn["high"]
