"""Observed questions: what people asked when drift was seen. One half of them teaches, the other measures what was
taught.

Belongs here: that split, whether the corpus covers a question, and the score of an answer to one. Does not belong
here: generation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from genaiops_assets.evaluation import answer_f1, overlap_score
from genaiops_assets.models import REFUSAL

MOST = 24  # questions that one retraining takes in, and that measure it
COVERED = 0.4  # cosine below which the nearest passage is about something else
TOPIC_JUDGE = (
    "topic-judge/1: support by the passages where the nearest has a cosine of at least 0.4, token F1 with the stated "
    "refusal elsewhere; "
    "a heuristic, no measure of truth"
)


def teaching(asked: Sequence[str]) -> list[str]:
    """Questions for preference pairs: every second one, evenly spread when there are more than MOST."""
    return spread(asked[0::2])


def measuring(asked: Sequence[str]) -> list[str]:
    """Questions that never enter training: the others."""
    return spread(asked[1::2])


def spread(questions: Sequence[str]) -> list[str]:
    return list(questions) if len(questions) <= MOST else [questions[i * len(questions) // MOST] for i in range(MOST)]


def is_covered(scores: Iterable[float]) -> bool:
    """Whether the corpus speaks of a question, from the cosine similarities of the passages found."""
    return any(score >= COVERED for score in scores)


def topic_score(answer: str, passages: Sequence[str], covered: bool, language: str) -> float:
    """Score in [0, 1] by TOPIC_JUDGE: an answer the corpus supports where it speaks of the question, an honest refusal
    where it does not."""
    return overlap_score(answer, passages, None) if covered else answer_f1(answer, REFUSAL[language])
