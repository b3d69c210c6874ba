"""Quality of a day's answers: the topic judge scores a sample of them, people rate some, and both make one estimate.

Belongs here: the sample and the estimate. Does not belong here: the judge (`evaluation/judges/topic.py`), reading
passages. People choose what they rate, so the estimate is of all answers only as far as those they rated are like the
others: the report says so. Below LEAST ratings the judge stands alone, and says that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.governance.monitoring.measuring import Row, drawn
from genaiops_assets.statistics import mean_interval, prediction_powered_mean

LEAST = 30  # ratings, below which the normal approximation of the estimate does not hold
BOTH = "prediction-powered: people's thumbs (up 1, down 0) on some answers, the topic judge's scores on the others"
JUDGE_ALONE = "the topic judge alone, a heuristic: too few people rated"


@dataclass(frozen=True)
class Rated:
    """One sampled answer: the judge's score in 0..1, and a person's thumb as 0 or 1, None where nobody gave one."""

    id: str
    score: float
    thumb: float | None = None


def sampled(rows: Iterable[Row], said: Iterable[Row], most: int) -> list[tuple[Row, float | None]]:
    """The answers to be judged with their thumbs: all that people rated, and others by chance up to `most` in all."""
    thumbs = {one["interaction"]: float(one["thumb"] == "up") for one in said if one.get("thumb")}
    written = [r for r in rows if r["answer"] and r.get("gen_ai_operation_name") != "retrieval"]
    rated = drawn([r for r in written if r["id"] in thumbs], most)
    others = drawn([r for r in written if r["id"] not in thumbs], most - len(rated))
    return [(r, thumbs.get(r["id"])) for r in (*rated, *others)]


def quality_of(found: Sequence[Rated], *, resamples: int) -> dict[str, Any]:
    """{mean, low, high, n, confidence, method, basis, rated, judged}: between 0 and 1."""
    rated, others = [r for r in found if r.thumb is not None], [r for r in found if r.thumb is None]
    counts: Mapping[str, Any] = {"rated": len(rated), "judged": len(found)}
    if len(rated) >= LEAST and len(others) > 1:
        labels = [float(r.thumb or 0.0) for r in rated]
        made = prediction_powered_mean(labels, [r.score for r in rated], [r.score for r in others]).to_dict()
        return {**made, "basis": BOTH, **counts}
    alone = mean_interval([r.score for r in found], bounds=(0.0, 1.0), resamples=resamples)
    return {**alone.to_dict(), "basis": JUDGE_ALONE, **counts}
