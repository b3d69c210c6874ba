"""What a training learned beyond its rows, and what it learned by heart.

Belongs here: figures from losses and recitals, and the limits they are held to. Does not belong here: measuring a model
(`models/likelihood.py`, the payload `probe_learning`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from genaiops_assets.alignment.inputs import Inputs, SnapshotRef
from genaiops_assets.models import ModelSpec

RESAMPLES = 2000
DIGITS = 6
MOST_RECITED = 0.1  # share of sampled rows that the tuned model recites and its base does not


class LearningInputs(Inputs):
    """Payload `probe_learning`. `golden`: questions of the dev half, read where no row was held out."""

    model: ModelSpec
    pairs: SnapshotRef
    left_out: list[str] = Field(default_factory=list)  # ids of pairs that the training did not learn from
    golden: list[dict[str, Any]] = Field(default_factory=list)


@dataclass(frozen=True)
class Losses:
    """Negative log-likelihood (nats) of the answers of some rows, one entry a row, and the tokens of each answer."""

    total: Sequence[float]
    tokens: Sequence[int]

    @property
    def mean(self) -> float | None:
        """A token's; None without any."""
        return round(sum(self.total) / sum(self.tokens), DIGITS) if self.tokens else None


def gap_of(unseen: Losses, trained: Losses, seed: int) -> dict[str, Any]:
    """Loss of a token on rows never seen less that on rows trained on, as {mean, low, high, n}; rows are drawn again on
    both sides."""
    import numpy as np

    draws = np.random.default_rng(seed)
    sides = [
        _means(losses, draws.integers(0, max(len(losses.tokens), 1), (RESAMPLES, len(losses.tokens))))
        for losses in (unseen, trained)
    ]
    if sides[0] is None or sides[1] is None:
        return {"mean": None, "low": None, "high": None, "n": 0}
    assert unseen.mean is not None and trained.mean is not None
    return _interval(unseen.mean - trained.mean, sides[0] - sides[1], min(len(unseen.tokens), len(trained.tokens)))


def change_of(after: Losses, before: Losses, seed: int) -> dict[str, Any]:
    """Loss of a token after training less that before, on the same rows: {mean, low, high, n}. Negative is better."""
    import numpy as np

    if not after.tokens or after.mean is None or before.mean is None:
        return {"mean": None, "low": None, "high": None, "n": 0}
    drawn = np.random.default_rng(seed).integers(0, len(after.tokens), (RESAMPLES, len(after.tokens)))
    differences = Losses([a - b for a, b in zip(after.total, before.total, strict=True)], after.tokens)
    return _interval(after.mean - before.mean, _means(differences, drawn), len(after.tokens))


def _means(losses: Losses, drawn: Any) -> Any:
    """The token-weighted mean of each draw of rows; None without rows."""
    import numpy as np

    if not losses.tokens:
        return None
    return np.asarray(losses.total)[drawn].sum(axis=1) / np.asarray(losses.tokens)[drawn].sum(axis=1)


def _interval(mean: float, resampled: Any, n: int) -> dict[str, Any]:
    """95 %, by percentiles (Efron 1979); one row shows no spread."""
    import numpy as np

    low, high = (float(q) for q in np.quantile(resampled, [0.025, 0.975])) if n > 1 else (math.nan, math.nan)
    bounds = {"low": round(low, DIGITS), "high": round(high, DIGITS)} if n > 1 else {"low": None, "high": None}
    return {"mean": round(mean, DIGITS), **bounds, "n": n}


def exposure(losses: Sequence[float]) -> dict[str, Any]:
    """How far the first of these sequences, which was trained on, stands out from the others, which might have been:
    its rank by loss, and log2(number) - log2(rank) in bits (Carlini et al. 2019, section 4.4)."""
    rank = 1 + sum(other < losses[0] for other in losses[1:])
    return {"rank": rank, "of": len(losses), "bits": round(math.log2(len(losses)) - math.log2(rank), 2)}


def overfit_problem(report: Mapping[str, Any]) -> str:
    """Why a training overfitted: what it never saw became less likely. "" where it did not, or nothing was trained."""
    change = report["unseen"]["change"]
    if change["low"] is not None and change["low"] > 0:
        return (
            f"the loss on {change['n']} rows it never saw rose by {change['mean']} a token ({change['low']} to "
            f"{change['high']}): fewer steps, a lower learning rate or more rows"
        )
    return ""


def recital_problem(report: Mapping[str, Any]) -> str:
    """Why a checkpoint says its training rows by heart; "" where it does not."""
    found = []
    more = report["recital"]["more_than_base"]
    if more["low"] is not None and more["low"] > MOST_RECITED:
        found.append(f"{report['recital']['tuned']} of {more['n']} training rows are recited without their passage")
    known = [c["canary"] for c in report["canaries"] if c["rank"] == 1]
    if known:
        found.append(
            f"the made-up code of canary {', '.join(map(str, known))} is the likeliest of {report['canaries'][0]['of']}"
        )
    return "; ".join(found)
