"""Reranking: the best passages of a search put in a better order by a model that reads question and passage together.

Belongs here: the cross-encoder and its order. Does not belong here: finding the passages (`search.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genaiops_assets.lake import set_network_switches
from genaiops_assets.retrieval.embedding import EmbeddingRefused

if TYPE_CHECKING:
    from genaiops_assets.retrieval.passages import Passage


class Reranker:
    """A sentence-transformers CrossEncoder from a local directory; it reads the first `depth` passages of each
    question. Raises EmbeddingRefused for one that gives several scores a pair."""

    def __init__(self, path: str | Path, *, depth: int = 20, batch_size: int = 32, cpus: int | None = None):
        set_network_switches()
        import torch
        from sentence_transformers import CrossEncoder

        if cpus:
            torch.set_num_threads(cpus)
        self.depth, self.batch_size = depth, batch_size
        self._model = CrossEncoder(
            str(path), activation_fn=torch.nn.Identity(), trust_remote_code=False
        )  # a sigmoid makes the highest scores one
        if self._model.num_labels != 1:
            raise EmbeddingRefused(
                f"knowledge.reranker: {path} gives {self._model.num_labels} scores a pair; a reranker gives one"
            )

    def reordered(self, questions: Sequence[str], found: Sequence[Sequence[Passage]]) -> list[list[Passage]]:
        """Of each question the first `depth` passages by their new score, best first, ties keep their order;
        passages beyond depth follow unchanged. A passage's own score stays its similarity."""
        pairs = [(q, p.quoted) for q, passages in zip(questions, found, strict=True) for p in passages[: self.depth]]
        scores = iter(self._model.predict(pairs, batch_size=self.batch_size, show_progress_bar=False) if pairs else ())
        made = []
        for passages in found:
            read, rest = passages[: self.depth], passages[self.depth :]
            order = np.argsort([-next(scores) for _ in read], kind="stable")
            made.append([*(read[i] for i in order), *rest])
        return made
