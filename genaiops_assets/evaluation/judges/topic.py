"""The topic judge: an answer to an observed question, for which nobody wrote a reference.

Belongs here: this judge and whether the corpus covers a question. Does not belong here: which questions are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from genaiops_assets.evaluation.judges.overlap import overlap_score
from genaiops_assets.evaluation.metrics import answer_f1
from genaiops_assets.models import REFUSAL

COVERED = 0.4  # cosine below which the nearest passage is about something else
TOPIC_JUDGE = (
    "topic-judge/1: support by the passages where the nearest has a cosine of at least 0.4, token F1 with the stated "
    "refusal elsewhere; "
    "a heuristic, no measure of truth"
)


def is_covered(scores: Iterable[float]) -> bool:
    """Whether the corpus speaks of a question, from the cosine similarities of the passages found."""
    return any(score >= COVERED for score in scores)


def topic_score(answer: str, passages: Sequence[str], covered: bool, language: str, refusal: str = "") -> float:
    """Score in [0, 1] by TOPIC_JUDGE: an answer the corpus supports where it speaks of the question, an honest refusal
    where it does not. `refusal`: the use case's own words for one, else the packaged ones of the language."""
    return overlap_score(answer, passages, None) if covered else answer_f1(answer, refusal or REFUSAL[language])
