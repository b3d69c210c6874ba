"""Suite `golden`: questions with answers and documents, written by people, answered by base and tuned model, with and
without retrieval.

Belongs here: these items, their prompts and scores. Does not belong here: reading the file (`../golden.py`), search,
the scores themselves (`../metrics.py`, `../likeness.py`, `../citations.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from genaiops_assets.evaluation.citations import cites_right
from genaiops_assets.evaluation.likeness import bleu, exact, similarity
from genaiops_assets.evaluation.metrics import answer_f1, chrf, rouge_l, support
from genaiops_assets.evaluation.refusals import refuses
from genaiops_assets.evaluation.suites.base import DEPTH, About, Item, Speaker, World
from genaiops_assets.models import Messages
from genaiops_assets.use_case import BASE_CELLS, CELLS

WITH_PASSAGES = "_with"
METRICS: dict[str, Callable[[str, Item], float]] = {
    "answer_f1": lambda answer, item: answer_f1(answer, item.reference or ""),
    "rouge_l": lambda answer, item: rouge_l(answer, item.reference or ""),
    "chrf": lambda answer, item: chrf(answer, item.reference or ""),
    "support": lambda answer, item: support(answer, "\n".join(item.texts)),
    "answered": lambda answer, item: 0.0 if refuses(answer) else 1.0,
    "exact": lambda answer, item: exact(answer, item.reference or ""),
    "bleu": lambda answer, item: bleu(answer, item.reference or ""),
}  # support is measured against the retrieved passages in every cell


class GoldenSuite:
    # 2: refusals are counted; 3: exact match, BLEU, similarity, citations; 4: "I can't help" refuses
    name, version, keeps_answers = "golden", "4", True
    speakers: Mapping[str, Speaker] = {cell: "base" if cell in BASE_CELLS else "tuned" for cell in CELLS}
    about = About(
        estimand="mean score of answers against the golden answer, and the paired effects of retrieval and tuning",
        population="the golden questions, written by people; the held-out half stands for questions nobody built on",
        missing_policy="every question has an answer and a score",
        requirement="Answers are right, and come from the documents.",
        article="article-15.1",
        risks=("confabulation", "information_integrity"),
    )

    def items(self, world: World) -> Sequence[Item]:
        found = world.search([g.question for g in world.golden], DEPTH)
        return [
            Item(
                g.id,
                g.question,
                g.answer,
                tuple(passages[: world.top_k]),
                {"split": g.split, "documents": g.documents},
                " ".join(g.documents),
            )
            for g, passages in zip(world.golden, found, strict=True)
        ]

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question, item.texts if cell.endswith(WITH_PASSAGES) else [])

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        own = {name: metric(answer, item) for name, metric in METRICS.items()}
        read = item.passages if cell.endswith(WITH_PASSAGES) else ()
        own["cites_right"] = cites_right(answer, [(p.document, p.text) for p in read], item.facts["documents"])
        if world.similarity is not None:
            own["similarity"] = similarity(answer, item.reference or "", world.similarity)
        passages = [p.text for p in read]
        judged = {
            j.name: j.score(item.question, answer, reference=item.reference, passages=passages) for j in world.judges
        }
        return {**own, **judged}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["split"],)
