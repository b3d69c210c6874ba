"""Observed questions: the masked questions of one day that a retraining learns from."""

from __future__ import annotations

from genaiops_assets.lake import Lake
from genaiops_assets.serving.interactions.log import questions_of
from genaiops_assets.use_case import UseCase


def observed_questions(lake: Lake, uc: UseCase, focus: str) -> list[str]:
    """Distinct questions of one day's interactions, masked when they were stored; erased ones are gone."""
    if not focus:
        return []
    day = lake.artifacts.get(uc.key("interactions"), focus)
    ids = {r["id"] for r in lake.tables.rows(day.snapshot(uc.key("interactions_day")), ["id"])}
    return questions_of(lake, uc, day.json("interactions.json")["day"], ids)
