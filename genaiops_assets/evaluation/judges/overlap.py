"""The overlap judge: scores an answer by the words it shares with a reference.

Belongs here: this judge and how it picks the best and worst of several answers. Does not belong here: which answers
are compared."""

from __future__ import annotations

from collections.abc import Sequence

from genaiops_assets.evaluation.judges.base import Judge
from genaiops_assets.evaluation.metrics import answer_f1, support

OVERLAP_JUDGE = (
    "overlap-judge/1: 0.5 x support by the passages + 0.5 x token F1 with the source sentence (support alone for "
    "observed "
    "questions)"
)


class OverlapJudge:
    """The judge as a seam takes it (`base.Judge`): OVERLAP_JUDGE, from reference and passages alone."""

    name, version = "overlap", "1"

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        """Abstains where there is neither a reference nor a passage to compare with."""
        if reference is None and not passages:
            return None
        return overlap_score(answer, passages, reference)


def overlap_score(answer: str, passages: Sequence[str], fact: str | None) -> float:
    """Score in [0, 1] by JUDGE. An empty answer scores 0."""
    grounded = support(answer, "\n".join(passages))
    return grounded if fact is None else 0.5 * grounded + 0.5 * answer_f1(answer, fact)


def best_and_worst(
    candidates: Sequence[str], passages: Sequence[str], fact: str | None
) -> tuple[tuple[str, float], tuple[str, float]]:
    """The candidates with the highest and the lowest score; ties by the order they came in."""
    return ranked(OverlapJudge(), "", candidates, passages, fact)


def ranked(
    judge: Judge, question: str, candidates: Sequence[str], passages: Sequence[str], fact: str | None
) -> tuple[tuple[str, float], tuple[str, float]]:
    """The same by any judge. What it abstains from is no candidate; where it abstains from all, an empty answer stands
    for both."""
    judged = [(c, judge.score(question, c, reference=fact, passages=passages)) for c in candidates]
    scored = [(c, round(score, 6)) for c, score in judged if score is not None] or [("", 0.0)]
    return max(scored, key=lambda s: s[1]), min(scored, key=lambda s: s[1])
