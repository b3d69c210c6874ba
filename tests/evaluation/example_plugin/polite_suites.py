"""A suite and a judge of another distribution: whether a model answers a greeting, and whether an answer is brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation import About, Item, World
from genaiops_assets.models import Messages

LONG = 60  # characters


class Politeness:
    """Two greetings. `version` is raised whenever a prompt or a score could change."""

    name, version, keeps_answers = "politeness", "3", True
    speakers: Mapping[str, Any] = {"base": "base", "tuned": "tuned"}
    judged_by: Mapping[str, str] = {"brief": "brief"}  # this metric is a judge's score, so gates ask for its record
    about = About(
        estimand="share of greetings that are answered",
        population="greetings in English",
        missing_policy="an answer always has a score",
        requirement="people are answered politely",
        article="article-15.1",
    )

    def items(self, world: World) -> Sequence[Item]:
        return [Item("hello", "Hello?"), Item("thanks", "Thanks!", facts={"kind": "thanks"})]

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question, [])

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        judged = {judge.name: judge.score(item.question, answer) for judge in world.judges if judge.name == "brief"}
        return {"spoke": float(bool(answer.strip())), "short": float(len(answer) < 1000), **judged}

    def slices(self, item: Item) -> Sequence[str]:
        return tuple(item.facts.values())


class Brief:
    """1 for an answer of no character, 0 for one of 60 or more, and in between by its length."""

    name, version = "brief", "1"

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return max(0.0, 1 - len(answer) / LONG)
