"""Observed questions: what people asked when drift was seen. One half of them teaches, the other measures what was
taught.

Belongs here: that split. Does not belong here: generation, and how an answer is scored (`evaluation`)."""

from __future__ import annotations

from collections.abc import Sequence

from genaiops_assets.evaluation import TOPIC_JUDGE as TOPIC_JUDGE
from genaiops_assets.evaluation import is_covered as is_covered
from genaiops_assets.evaluation import topic_score as topic_score

MOST = 24  # questions that one retraining takes in, and that measure it


def teaching(asked: Sequence[str]) -> list[str]:
    """Questions for preference pairs: every second one, evenly spread when there are more than MOST."""
    return spread(asked[0::2])


def measuring(asked: Sequence[str]) -> list[str]:
    """Questions that never enter training: the others."""
    return spread(asked[1::2])


def spread(questions: Sequence[str]) -> list[str]:
    return list(questions) if len(questions) <= MOST else [questions[i * len(questions) // MOST] for i in range(MOST)]
