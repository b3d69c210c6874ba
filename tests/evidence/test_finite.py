"""Figures that are not finite are refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genaiops_assets.evidence import NotFinite, require_finite


@pytest.mark.parametrize(
    ("figures", "name"),
    [
        (float("nan"), "figures is nan"),
        ({"loss": float("inf")}, "figures/loss is inf"),
        ({"history": [{"step": 1, "loss": 0.5}, {"step": 2, "loss": float("nan")}]}, "figures/history/1/loss is nan"),
        ({"f1": np.float32("nan")}, "figures/f1 is nan"),
        ({"low": np.float64("-inf")}, "figures/low is -inf"),
    ],
)
def test_a_figure_that_is_not_finite_is_refused_and_named(figures: Any, name: str) -> None:
    with pytest.raises(NotFinite, match=name):
        require_finite(figures)


def test_finite_figures_and_texts_pass() -> None:
    require_finite({"loss": 0.5, "steps": np.int64(3), "text": "nan", "nothing": None, "done": True, "few": [1, 2.5]})
