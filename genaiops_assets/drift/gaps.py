"""Knowledge gaps: topics people ask about for which the index has nothing near, and what the day's report advises.

Belongs here: the rules and their reasons in numbers. Does not: searching the index, the test for drift, or acting on
the advice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from genaiops_assets.drift.detect import DriftResult

# A question is poorly served below what nine of ten reference questions reach: those are known to have an answer.
POOR_QUANTILE = 0.1
MINIMUM_QUESTIONS = 5

Action = Literal["nothing", "refresh index", "add documents", "retrain"]


@dataclass(frozen=True)
class Gap:
    """One cluster of poorly served questions: their row numbers and their median score."""

    rows: list[int]
    score: float


@dataclass(frozen=True)
class Advice:
    action: Action
    reason: str


def poor_below(reference_scores: ArrayLike) -> float:
    """The retrieval score below which a question counts as poorly served."""
    return float(np.quantile(np.asarray(reference_scores, dtype=np.float64), POOR_QUANTILE))


def knowledge_gaps(groups: Sequence[Sequence[int]], scores: ArrayLike, threshold: float) -> list[Gap]:
    """The groups of current questions (row numbers) most of which score below the threshold, the largest first.

    scores: the best retrieval score of each question. Only the poorly served questions of such a group are its rows,
    and a group with fewer than five is no gap."""
    found = np.asarray(scores, dtype=np.float64)
    gaps = []
    for group in groups:
        poor = [row for row in group if found[row] < threshold]
        if len(poor) >= MINIMUM_QUESTIONS and 2 * len(poor) > len(group):
            gaps.append(Gap(poor, float(np.median(found[poor]))))
    return sorted(gaps, key=lambda gap: (-len(gap.rows), gap.rows))


def advise(
    result: DriftResult,
    gaps: Sequence[Gap] | None,
    n_current: int,
    *,
    index_is_behind: bool,
    min_effect: float,
    beside: Mapping[str, DriftResult | None] | None = None,
) -> Advice:
    """What to do about the day, with the numbers that say so. Without an index to search, gaps is None. `beside`: the
    verdicts on answers and documents, by name; each that drifted is a reason for a new model, as questions are.

    Gaps are answered even without drift: a topic nobody wrote about does not go away by being asked about every day.
    They need documents, which no training replaces; an index that is behind its documents is brought up to date before
    anything else is concluded."""
    others = [
        f"{name} moved ({r.moved_share or 0:.1%} of them)" for name, r in (beside or {}).items() if r and r.drifted
    ]
    if not result.enough:
        return Advice("retrain", "; ".join(others)) if others else Advice("nothing", result.reasons[0])
    missing = sum(len(gap.rows) for gap in gaps or []) / n_current
    served = f"{missing:.1%} of {n_current} questions lie in topics the index has nothing near for"
    if gaps is None:
        served = "there was no index to search"
    if missing > 0 and missing >= min_effect:
        if index_is_behind:
            return Advice("refresh index", "; ".join([f"{served}, and the index is behind the documents", *others]))
        worth = f"{served} ({len(gaps or [])} topics; {min_effect:.1%} are worth acting on)"
        return Advice("add documents", "; ".join([worth, *others]))
    if result.drifted:
        others.insert(0, f"{result.moved_share:.1%} of the questions moved to other topics")
    if others:
        return Advice("retrain", "; ".join([*others, served]))
    return Advice("nothing", f"{'; '.join(result.reasons)}; {served}")
