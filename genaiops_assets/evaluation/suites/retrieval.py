"""Suite `retrieval`: the documents that search finds for a question, without a model; the golden questions and the use
case's own sets.

Belongs here: ranking scores of each question. Does not belong here: comparing ways of searching
(`../retrieval_modes.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation.metrics import ndcg_at_k, recall_at_k, reciprocal_rank
from genaiops_assets.evaluation.suites.base import DEPTH, Found, Item, NotAsked, Speaker, World

GOLDEN = "golden"


class RetrievalSuite(NotAsked):
    name, version, keeps_answers = "retrieval", "1", False
    speakers: Mapping[str, Speaker] = {}

    def items(self, world: World) -> Sequence[Item]:
        sets: dict[str, list[tuple[str, str, Sequence[str]]]] = {
            GOLDEN: [(g.id, g.question, g.documents) for g in world.golden]
        }
        sets |= {n: [(q.id, q.text, q.relevant) for q in queries] for n, queries in world.retrieval_sets.items()}
        found = []
        for name, queries in sets.items():
            ranked = world.search([text for _, text, _ in queries], DEPTH)
            found += [
                Item(f"{name}/{n}/{i}", text, None, tuple(passages), {"set": name, "relevant": set(relevant)})
                for n, ((i, text, relevant), passages) in enumerate(zip(queries, ranked, strict=True))
            ]
        return found

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        ranked, relevant = documents_of(item.passages), item.facts["relevant"]
        return ranking_scores(
            ranked,
            relevant,
            read=documents_of(item.passages[: world.top_k]) if item.facts["set"] == GOLDEN else None,
            top_k=world.top_k,
        )

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["set"],)


def ranking_scores(
    ranked: Sequence[str], relevant: set[str], *, read: Sequence[str] | None = None, top_k: int = 10
) -> dict[str, Any]:
    """MRR, nDCG@10 and recall@10 of ranked document ids; with `read`, the documents of the passages that a model reads,
    recall in those (`recall_at_k`) instead."""
    if read is None:
        recall = {"recall_at_10": recall_at_k(list(ranked), relevant, 10)}
    else:
        recall = {"recall_at_k": recall_at_k(list(read), relevant, top_k)}
    return {
        **recall,
        "mrr": reciprocal_rank(list(ranked), relevant),
        "ndcg_at_10": ndcg_at_k(list(ranked), relevant, 10),
    }


def documents_of(passages: Sequence[Found]) -> list[str]:
    """Their documents, best first, each once."""
    return list(dict.fromkeys(p.document for p in passages))
