"""Suite `groundedness`: the answers to the golden questions as people are served, claim by claim against the passages
that the model read.

Belongs here: which answers, and their scores. Does not belong here: what a claim is and when a passage holds it
(`../claims.py`), or asking the questions (`golden.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genaiops_assets.evaluation.claims import invented_numbers, judged_claims
from genaiops_assets.evaluation.refusals import refuses
from genaiops_assets.evaluation.suites.base import About, Item, Speaker, World
from genaiops_assets.evaluation.suites.golden import GoldenSuite
from genaiops_assets.models import Messages


class GroundednessSuite:
    """`grounded`: share of an answer's claims that one of its passages holds, 0 for an answer that claims nothing;
    `figures_found`: share of its numbers that a passage holds, for answers with numbers. A refusal claims nothing and
    is not asked."""

    name, version, keeps_answers = "groundedness", "2", True
    answers_of = GoldenSuite.name  # the same prompts: nothing is generated twice
    languages, metrics = ("en", "zh"), ("grounded", "figures_found")
    speakers: Mapping[str, Speaker] = {"base_with": "base", "tuned_with": "tuned"}
    about = About(
        estimand="among answers that are no refusal, the mean share of claims whose numbers, names and most content "
        "words stand in one passage",
        population="golden questions, answered with the passages that search finds, as people are served",
        missing_policy="a refusal is not asked; every other answer has a score",
        requirement="What the system says stands in the passages that it shows.",
        article="article-15.1",
        risks=("confabulation", "information_integrity"),
    )

    def items(self, world: World) -> Sequence[Item]:
        return GoldenSuite().items(world)

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return GoldenSuite().prompt(item, cell, world)

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        if refuses(answer):
            return {}
        claims = judged_claims(answer, item.question, item.texts)
        grounded = sum(claim.grounded for claim in claims) / len(claims) if claims else 0.0
        missing, said = invented_numbers(answer, item.texts)
        return {"grounded": grounded, **({"figures_found": 1 - missing / said} if said else {})}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["split"],)
