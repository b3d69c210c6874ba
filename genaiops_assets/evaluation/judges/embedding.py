"""Judges on vectors of the use case's embedding model: nearness to the reference, and a head learned from examples.

Belongs here: these two. Does not belong here: embedding (`retrieval`), which is handed over as a tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from genaiops_assets.evaluation.judges.base import Asked, Judge, Labelled, Need, Tools, Unavailable

LEAST_EXAMPLES = 20  # of each label
Embed = Callable[[Sequence[str]], Any]


class EmbeddingJudge:
    """Cosine of answer and reference, 0 where they point apart. On topic or not: a reversed claim scores high. Abstains
    without a reference; an empty answer scores 0."""

    name, version = "embedding", "1"
    needs: Sequence[Need] = ("embedder",)

    def __init__(self, embed: Embed | None = None):
        self.embed = embed

    def opened(self, tools: Tools) -> Judge:
        return EmbeddingJudge(tools.embed)

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return self.scores([Asked(question, answer, reference)])[0]

    def scores(self, rows: Sequence[Asked]) -> list[float | None]:
        assert self.embed is not None
        told = [row for row in rows if row.reference and row.answer.strip()]
        near: list[float] = []
        if told:
            said, wanted = self.embed([r.answer for r in told]), self.embed([str(r.reference) for r in told])
            near = np.clip((np.asarray(said) * np.asarray(wanted)).sum(axis=1), 0, 1).tolist()
        left = iter(near)
        return [None if not r.reference else next(left) if r.answer.strip() else 0.0 for r in rows]


class HeadJudge:
    """A logistic regression on the vector of the answer (of the question where there is no answer), learned from
    `evaluation.judge_settings.head.examples`. It knows what those examples show and nothing else: measure it on rows
    from elsewhere. Its weights are made anew from the examples each time, and are never stored."""

    name, version = "head", "1"
    needs: Sequence[Need] = ("embedder", "examples")

    def __init__(self, embed: Embed | None = None, model: Any = None):
        self.embed, self.model = embed, model

    def opened(self, tools: Tools) -> Judge:
        counts = [sum(row.label is label for row in tools.examples) for label in (True, False)]
        if min(counts) < LEAST_EXAMPLES:
            raise Unavailable(
                f"{counts[0]} examples with the label and {counts[1]} without, {LEAST_EXAMPLES} of each are needed: "
                "name a file in evaluation.judge_settings.head.examples"
            )
        vectors = tools.embed([told(row.asked) for row in tools.examples])
        return HeadJudge(tools.embed, fitted(vectors, tools.examples))

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return self.scores([Asked(question, answer)])[0]

    def scores(self, rows: Sequence[Asked]) -> list[float | None]:
        assert self.embed is not None
        if not rows:
            return []
        vectors = np.asarray(self.embed([told(row) for row in rows]), dtype=np.float64)
        return [float(p) for p in self.model.predict_proba(vectors)[:, 1]]


def told(row: Asked) -> str:
    return row.answer if row.answer.strip() else row.question


def fitted(vectors: Any, examples: Sequence[Labelled]) -> Any:
    """The regression, the same for the same examples."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=2000)
    return model.fit(np.asarray(vectors, dtype=np.float64), [row.label for row in examples])
