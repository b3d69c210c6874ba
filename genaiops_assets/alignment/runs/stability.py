"""How much of a training's gain is the seed's: the same training with several seeds, each scored on rows it never saw.

Belongs here: which rows are held out, the score of a row, and what the spread over seeds says of the gain. Does not
belong here: training (the payload `repeat_training`)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from genaiops_assets.alignment.methods.base import Data
from genaiops_assets.alignment.runs.lengths import Row

HELD_OUT = 5  # one row in so many
MOST_SCORED = 32  # rows
PER_TOKEN, MARGIN = "log-likelihood of an answer's token", "log-odds of the better answer"
# Student's t, two-sided 95 %, by degrees of freedom (any table; scipy.stats.t.ppf(0.975, n)).
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def split_by_question(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(rows to learn from, rows held out): a question is on one side with all its rows, whatever their order."""
    out = [_is_held_out(row["question"]) for row in rows]
    kept = [row for row, is_out in zip(rows, out, strict=True) if not is_out]
    held = [row for row, is_out in zip(rows, out, strict=True) if is_out]
    return kept, held[:MOST_SCORED]


def _is_held_out(question: str) -> bool:
    return int.from_bytes(hashlib.sha256(question.encode()).digest()[:4], "big") % HELD_OUT == 0


def score_name(data: Data) -> str:
    return MARGIN if data is Data.PAIRS else PER_TOKEN


def scores_of(model: Any, rows: Sequence[Row], data: Data) -> list[float]:
    """One score a row, larger is better: for pairs the log-probability of the chosen answer minus that of the rejected
    one, else the mean log-probability of an answer's token."""
    if data is Data.PAIRS:
        return [_said(model, r, 0)[0] - _said(model, r, 1)[0] for r in rows]
    return [total / max(1, tokens) for total, tokens in (_said(model, r, 0) for r in rows)]


def _said(model: Any, row: Row, which: int) -> tuple[float, int]:
    """(summed log-probability, tokens) of one answer of a row."""
    import torch

    sequence, answer = row.sequences[which], row.answers[which]
    ids = torch.tensor([sequence], device=next(model.parameters()).device)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=ids, use_cache=False).logits[0, -answer - 1 : -1].float()
        wanted = ids[0, -answer:]
        found = -torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")
    model.train(was_training)
    return float(found), answer


def stability_report(
    before: Sequence[float], after: Mapping[int, Sequence[float]], *, data: Data, steps: int, learned: int
) -> dict[str, Any]:
    """stability.json. `before`: scores of the untrained model; `after`: {seed: scores}, row by row. A gain is the mean
    over rows of after - before; its interval is over seeds (Student's t), and says what another seed may give."""
    gains = {seed: fmean(a - b for a, b in zip(scores, before, strict=True)) for seed, scores in after.items()}
    mean, n = fmean(gains.values()), len(gains)
    spread = stdev(gains.values()) if n > 1 else None
    half = None if spread is None else T95[n - 1] * spread / math.sqrt(n)
    return {
        "schema_version": 1,
        "kind": "seed_stability",
        "score": score_name(data),
        "steps": steps,
        "rows_learned": learned,
        "rows_held_out": len(before),
        "before": round(fmean(before), 6),
        "gains": {str(seed): round(gain, 6) for seed, gain in gains.items()},
        "gain": {
            "mean": round(mean, 6),
            "low": None if half is None else round(mean - half, 6),
            "high": None if half is None else round(mean + half, 6),
            "n": n,
            "confidence": 0.95,
        },
        "seed_noise": None if spread is None else round(spread, 6),
    }


def noise_problem(report: Mapping[str, Any]) -> str:
    """Why the gain may be the seed's alone, "" where it is larger than the noise of the seeds."""
    gain = report["gain"]
    if gain["low"] is None:
        return "one seed shows no noise"
    if gain["low"] > 0:
        return ""
    if gain["mean"] <= 0:
        return f"no gain: {gain['mean']:.4g} on rows that were held out"
    interval = f"[{gain['low']:.4g}, {gain['high']:.4g}]"
    return f"the gain of {gain['mean']:.4g} is within seed noise: {interval} over {gain['n']} seeds"
