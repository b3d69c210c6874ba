"""Suite `new_topics`: questions that people asked when drift was seen and no training saw, answered by what was there
before and by this version.

Belongs here: these items and their score. Does not belong here: choosing the questions (`alignment`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genaiops_assets.evaluation.judges.topic import is_covered, topic_score
from genaiops_assets.evaluation.suites.base import Item, Speaker, World
from genaiops_assets.models import Messages

QUALITY = "quality"
BEFORE, AFTER = "before", "after"


class NewTopicsSuite:
    name, version = "new_topics", "1"
    keeps_answers = False  # they answer people's own questions, which are kept in the interaction log alone
    speakers: Mapping[str, Speaker] = {BEFORE: "before", AFTER: "tuned"}

    def items(self, world: World) -> Sequence[Item]:
        found = world.search(list(world.new_topics), world.top_k) if world.new_topics else []
        return [
            Item(f"{n}", question, None, tuple(passages), {"covered": is_covered(p.score for p in passages)})
            for n, (question, passages) in enumerate(zip(world.new_topics, found, strict=True))
        ]

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question, item.texts)

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        return {QUALITY: topic_score(answer, item.texts, item.facts["covered"], world.language, world.prompts.refusal)}

    def slices(self, item: Item) -> Sequence[str]:
        return ()
