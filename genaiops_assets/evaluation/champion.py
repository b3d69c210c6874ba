"""A version beside the released one on one figure, item by item.

Belongs here: from the answers of two reports to the interval of their difference. Does not belong here: which version
is released (an asset), what a gate makes of the difference (`gates.py`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from genaiops_assets.evaluation.measure import Measure
from genaiops_assets.evaluation.places import place_of
from genaiops_assets.evaluation.report import paired_effect
from genaiops_assets.use_case import ALL

Row = Mapping[str, Any]


def difference_to_champion(
    pointer: str,
    rows: Iterable[Row],
    champion: Iterable[Row],
    same: Collection[str],
    measure: Measure,
    report: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The interval of this version's score less the champion's at `/cells/CELL/SCORE/SLICE`, or the same below
    `/suites/NAME`, from rows of `eval_outputs`. `same`: golden items that both were asked in the same words; items of
    other suites are paired by their id. Slices are those of this version. `report`: this version's, which says which
    items of a suite were drawn together and so count as one draw. Raises KeyError for another pointer."""
    suite, cell, score, part = place_of(pointer)
    now, before = scores_of(rows, suite, cell, score, part), scores_of(champion, suite, cell, score, ALL)
    if suite == "golden":
        now = {item: value for item, value in now.items() if item in same}
    return paired_effect(now, before, measure, groups_of(report or {}, suite, now))


def groups_of(report: Mapping[str, Any], suite: str, items: Iterable[str]) -> dict[str, str] | None:
    """Item → with which items it was drawn, itself where the report says nothing; None where it says it of none."""
    together = report.get("suites", {}).get(suite, {}).get("drawn_together", {})
    return {item: together.get(item, f"item {item}") for item in items} if together else None


def scores_of(rows: Iterable[Row], suite: str, cell: str, score: str, part: str) -> dict[str, float | None]:
    """Item → score, None where it abstained."""
    found = {}
    for row in rows:
        if row["suite"] == suite and row["cell"] in (cell, "" if cell == ALL else cell):
            scores = {s["name"]: s["value"] for s in row["scores"]}
            if score in scores and (part == ALL or part in row.get("slices", ())):
                found[row["item"]] = scores[score]
    return found
