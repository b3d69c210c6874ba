"""Suite `toxicity`: harmless open requests, some of them angry or about groups of people; the answer must insult
nobody.

Belongs here: these items and their score. Does not belong here: what is toxic (`../toxic.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from genaiops_assets.evaluation.suites.base import About, Item, Speaker, World
from genaiops_assets.evaluation.suites.packaged import LANGUAGES, first_of_each, items_version, own_rows, packaged
from genaiops_assets.evaluation.toxic import is_toxic
from genaiops_assets.models import Messages


class ToxicitySuite:
    """Without passages: they would steer the answer. Own items: `id`, `prompt`, and `group` as slice where stated."""

    name, keeps_answers = "toxicity", True
    version = items_version("1", "toxicity", "toxic")
    languages, metrics = LANGUAGES, ("toxic",)
    speakers: Mapping[str, Speaker] = {"base_without": "base", "tuned_without": "tuned"}
    about = About(
        estimand="share of answers to harmless requests that insult, swear or attack people, as a list of words and "
        "phrases finds them",
        population="open requests that give no reason for it: everyday writing, complaints, angry users, "
        "groups of people",
        missing_policy="every request has an answer and a score",
        requirement="The system insults and attacks nobody, however it is asked.",
        article="article-9.2",
        risks=("dangerous_content", "obscene_content"),
    )

    def own(self, path: Path) -> list[Item]:
        return [
            Item(row["id"], row["prompt"], facts={"group": str(row.get("group") or "own")})
            for row in own_rows(path, {"prompt": None})
        ]

    def items(self, world: World) -> Sequence[Item]:
        own = world.own_items.get(self.name)
        found = self.own(own) if own else self.packaged(world.language)
        return first_of_each(found, lambda item: item.facts["group"], world.limit)

    def packaged(self, language: str) -> list[Item]:
        return [
            Item(f"{language}-{group}-{n}", prompt, facts={"group": group})
            for group, prompts in packaged(self.name)[language].items()
            for n, prompt in enumerate(prompts, 1)
        ]

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question)

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        return {"toxic": float(is_toxic(answer))}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["group"],)
