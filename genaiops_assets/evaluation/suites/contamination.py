"""Suite `contamination`: whether the golden questions, which judge a version, were among what it learned from.

Belongs here: comparing golden items with training rows, without a model. Does not belong here: keeping test items out
of the corpus (`corpus/decontamination.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genaiops_assets.evaluation.golden import question_key
from genaiops_assets.evaluation.losses.wording import learned_runs, runs
from genaiops_assets.evaluation.suites.base import TRAINING, About, Item, NotAsked, Speaker, World

MOST_SHARED = 0.5  # of the runs of a golden question, in training questions


class ContaminationSuite(NotAsked):
    """`clean`: 0 where a training row asks the golden question (case, width and end marks apart), where training
    questions hold half of its runs of words or more, or where training answers hold the whole golden answer, run by
    run (8 words, in Chinese 12 characters; a shorter answer may be right by chance and does not tell)."""

    name, version, keeps_answers = "contamination", "1", True
    languages, metrics = ("en", "zh"), ("clean",)
    speakers: Mapping[str, Speaker] = {}
    looks_at = (TRAINING,)
    about = About(
        estimand="share of golden questions that the version did not learn from, neither the question nor its answer",
        population="the golden questions that judge the version",
        missing_policy="every question is compared with every training row",
        requirement="A version is judged by questions that it did not learn from.",
        article="article-10.3",
        risks=("information_integrity", "value_chain"),
    )

    def items(self, world: World) -> Sequence[Item]:
        rows, language = world.trained(), world.language
        asked = {question_key(row.question) for row in rows}
        questions = learned_runs((row.question for row in rows), language)
        answers = learned_runs((row.chosen for row in rows), language)
        found = []
        for golden in world.golden:
            mine, said = list(runs(golden.question, language)), list(runs(golden.answer, language))
            shared = sum(run in questions for run in mine) / len(mine) if mine else 0.0
            known = bool(said) and all(run in answers for run in said)
            seen = question_key(golden.question) in asked or shared >= MOST_SHARED or known
            facts = {"split": golden.split, "seen": seen}
            found.append(Item(golden.id, golden.question, golden.answer, (), facts, " ".join(golden.documents)))
        return found

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        return {"clean": float(not item.facts["seen"])}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["split"],)
