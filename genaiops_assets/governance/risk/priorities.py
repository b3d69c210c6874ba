"""Priorities of a failure mode: the Action Priority of AIAG and VDA, and the older product of its ratings.

Belongs here: both, from ratings of 1 to 10. Does not belong here: where the ratings come from (`occurrence.py`,
people), or what follows from a priority (`fmea.py`). The table is data (`action_priority.yaml`), with its source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

Priority = Literal["H", "M", "L"]
NAMES = ("severity", "occurrence", "detection")


def action_priority(severity: int, occurrence: int, detection: int) -> Priority:
    """H, M or L. Raises ValueError naming a rating outside 1..10."""
    _check(severity, occurrence, detection)
    table = priority_table()
    row = next(r for r in table["rows"] if _within(severity, r["severity"]) and _within(occurrence, r["occurrence"]))
    band = next(i for i, band in enumerate(table["detection_bands"]) if _within(detection, band))
    return cast("Priority", row["priorities"][band])


def risk_priority_number(severity: int, occurrence: int, detection: int) -> int:
    """S·O·D, 1..1000. An ordinal figure: never average or add it. Raises ValueError as `action_priority`."""
    _check(severity, occurrence, detection)
    return severity * occurrence * detection


@cache
def priority_table() -> dict[str, Any]:
    text = files("genaiops_assets.governance.risk").joinpath("action_priority.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


def _within(rating: int, band: list[int]) -> bool:
    return band[0] <= rating <= band[1]


def _check(*ratings: int) -> None:
    for name, rating in zip(NAMES, ratings, strict=True):
        if not 1 <= rating <= 10:
            raise ValueError(f"{name} must be from 1 to 10, not {rating}")
