"""Suite `capability`: what a model could do before it was tuned: simple questions with four options, and running text.

Belongs here: these items and their scores, in the language of the use case. Does not belong here: the packaged sets and
the rule of a right option (`../losses`), and what tuning lost with its tolerances (asset `tuning_losses`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from genaiops_assets.evaluation.losses.choosing import asked_as, is_likeliest
from genaiops_assets.evaluation.losses.packaged import all_choices, packaged_texts
from genaiops_assets.evaluation.suites.base import About, Item, OnlyRead, Reading, Speaker, World

TEXT = "text"


class CapabilitySuite(OnlyRead):
    """`right`: 1 where the right option is likelier per byte than each other one, a tie counts as wrong. `text_fit`:
    1 / (1 + bits per byte) of a text: 1 would be a text known by heart, one half is one bit per byte."""

    name, version, keeps_answers = "capability", "1", True
    languages, metrics = ("en", "zh"), ("right", "text_fit")
    speakers: Mapping[str, Speaker] = {"base": "base", "tuned": "tuned"}
    about = About(
        estimand="share of simple questions with four options of which the right one is held likeliest; mean of "
        "1 / (1 + bits per byte) of running text",
        population="120 packaged questions of knowledge, arithmetic, language and reasoning, and twelve packaged texts "
        "of as many kinds, in the language of the use case",
        missing_policy="every item is read and has a score; a likelihood that is no number stops the evaluation",
        requirement="Tuning leaves the model what it could do before.",
        article="article-15.1",
        risks=("confabulation", "value_chain"),
    )

    def items(self, world: World) -> Sequence[Item]:
        language, found = world.language, []
        kept: dict[str, int] = {}
        for choice in all_choices(language):
            kept[choice.about] = kept.get(choice.about, 0) + 1
            if world.limit is None or kept[choice.about] <= world.limit:
                found.append(Item(choice.id, choice.question, choice.options[0], (), {"choice": choice}))
        texts = packaged_texts(language)[: world.limit]
        return [*found, *(Item(f"{TEXT}/{text.id}", text.text, None, (), {"bytes": text.bytes}) for text in texts)]

    def reads(self, item: Item, world: World) -> Reading:
        if "choice" not in item.facts:
            return Reading("", (item.question,))
        return Reading(*asked_as(item.facts["choice"], world.language))

    def score_read(self, item: Item, cell: str, sums: Sequence[float], world: World) -> Mapping[str, float | None]:
        if "choice" in item.facts:
            return {"right": float(is_likeliest(sums, item.facts["choice"].options))}
        bits = max(0.0, -sums[0] / math.log(2) / item.facts["bytes"])
        return {"text_fit": 1 / (1 + bits)}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["choice"].about if "choice" in item.facts else TEXT,)
