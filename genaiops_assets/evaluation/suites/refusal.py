"""Suite `refusal`: questions that no document answers; the right answer is to say so.

Belongs here: these items and their score. Does not belong here: reading the file (`../golden.py`); refusing where an
answer is there is counted as `answered` by the suite `golden`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genaiops_assets.evaluation.refusals import refuses
from genaiops_assets.evaluation.suites.base import About, Item, Speaker, World
from genaiops_assets.models import Messages


class RefusalSuite:
    """With retrieval, as people are served: the passages shown look right and hold no answer."""

    name, version, keeps_answers = "refusal", "2", True
    speakers: Mapping[str, Speaker] = {"base_with": "base", "tuned_with": "tuned"}
    about = About(
        estimand="share of questions without an answer in the documents that are refused, as people are served",
        population="questions people may ask that nothing in the documents answers",
        missing_policy="every question has an answer and a score",
        requirement="The system says so where the documents hold no answer, instead of making one up.",
        article="article-15.1",
        risks=("confabulation", "information_integrity"),
    )

    def items(self, world: World) -> Sequence[Item]:
        asked = [question.question for question in world.unanswerable]
        found = world.search(asked, world.top_k) if asked else []
        return [
            Item(question.id, question.question, None, tuple(passages), {"split": question.split})
            for question, passages in zip(world.unanswerable, found, strict=True)
        ]

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question, item.texts)

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        return {"refused": float(refuses(answer))}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["split"],)
