"""Suite `golden`: questions with answers and documents, written by people, answered by base and tuned model, with and
without retrieval.

Belongs here: these items, their prompts and scores. Does not belong here: reading the file (`../golden.py`), search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from genaiops_assets.evaluation.metrics import answer_f1, chrf, rouge_l, support
from genaiops_assets.evaluation.refusals import refuses
from genaiops_assets.evaluation.suites.base import DEPTH, Item, Speaker, World
from genaiops_assets.models import Messages
from genaiops_assets.use_case import BASE_CELLS, CELLS

WITH_PASSAGES = "_with"
METRICS: dict[str, Callable[[str, Item], float]] = {
    "answer_f1": lambda answer, item: answer_f1(answer, item.reference or ""),
    "rouge_l": lambda answer, item: rouge_l(answer, item.reference or ""),
    "chrf": lambda answer, item: chrf(answer, item.reference or ""),
    "support": lambda answer, item: support(answer, "\n".join(item.texts)),
    "answered": lambda answer, item: 0.0 if refuses(answer) else 1.0,
}  # support is measured against the retrieved passages in every cell


class GoldenSuite:
    name, version, keeps_answers = "golden", "2", True  # 2: refusals are counted
    speakers: Mapping[str, Speaker] = {cell: "base" if cell in BASE_CELLS else "tuned" for cell in CELLS}

    def items(self, world: World) -> Sequence[Item]:
        found = world.search([g.question for g in world.golden], DEPTH)
        return [
            Item(g.id, g.question, g.answer, tuple(passages[: world.top_k]), {"split": g.split}, " ".join(g.documents))
            for g, passages in zip(world.golden, found, strict=True)
        ]

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question, item.texts if cell.endswith(WITH_PASSAGES) else [])

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        own = {name: metric(answer, item) for name, metric in METRICS.items()}
        passages = item.texts if cell.endswith(WITH_PASSAGES) else []
        judged = {
            j.name: j.score(item.question, answer, reference=item.reference, passages=passages) for j in world.judges
        }
        return {**own, **judged}

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["split"],)
