"""The evaluation report: four cells (base and tuned, with and without retrieval) scored item by item, with paired
intervals.

Belongs here: from answers to `eval_report.json`. Does not belong here: generation and search (a payload).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from genaiops_assets.evaluation.golden import Golden
from genaiops_assets.evaluation.metrics import answer_f1, ndcg_at_k, recall_at_k, reciprocal_rank, rouge_l, support
from genaiops_assets.statistics import mean_interval, paired_interval

CELLS = ("base_without", "base_with", "tuned_without", "tuned_with")
EFFECTS = {"retrieval": ("base_with", "base_without"), "tuning": ("tuned_with", "base_with")}
METRICS: dict[str, Callable[[str, Golden, str], float]] = {
    "answer_f1": lambda answer, item, context: answer_f1(answer, item.answer),
    "rouge_l": lambda answer, item, context: rouge_l(answer, item.answer),
    "support": lambda answer, item, context: support(answer, context),
}
DIGITS = 6
SAMPLES = 5

OUTPUTS = pa.schema(
    [("id", pa.string()), ("item", pa.string()), ("cell", pa.string()), ("split", pa.string()), ("answer", pa.string())]
    + [(metric, pa.float64()) for metric in METRICS]
    + [("passages", pa.list_(pa.string()))]
)


def score_items(
    golden: Sequence[Golden], answers: dict[str, list[str]], contexts: Sequence[str], passages: Sequence[Sequence[str]]
) -> list[dict[str, Any]]:
    """One row for each item and cell. `contexts`: the retrieved text of each item (support is measured against it in
    every cell); `passages`: its passage ids."""
    rows = []
    for cell, said in answers.items():
        for item, answer, context, ids in zip(golden, said, contexts, passages, strict=True):
            scores = {name: round(metric(answer, item, context), DIGITS) for name, metric in METRICS.items()}
            shown = list(ids) if cell.endswith("_with") else []
            rows.append(
                {
                    "id": f"{item.id}/{cell}",
                    "item": item.id,
                    "cell": cell,
                    "split": item.split,
                    "answer": answer,
                    **scores,
                    "passages": shown,
                }
            )
    return rows


def rounded(interval: Any) -> dict[str, Any]:
    return {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in interval.to_dict().items()}


def cells_and_effects(rows: list[dict[str, Any]], *, resamples: int, confidence: float, seed: int) -> dict[str, Any]:
    """`cells` and `effects` of the report: intervals for all items and each split."""
    how: dict[str, Any] = {"resamples": resamples, "confidence": confidence, "seed": seed}

    def values(cell: str, metric: str, split: str) -> list[float]:
        return [r[metric] for r in rows if r["cell"] == cell and split in ("all", r["split"])]

    present = [c for c in CELLS if any(r["cell"] == c for r in rows)]
    splits = ("all", "dev", "held_out")
    cells = {
        c: {m: {s: rounded(mean_interval(values(c, m, s), **how)) for s in splits} for m in METRICS} for c in present
    }
    effects = {
        name: {s: rounded(paired_interval(values(a, "answer_f1", s), values(b, "answer_f1", s), **how)) for s in splits}
        for name, (a, b) in EFFECTS.items()
        if a in present and b in present
    }
    return {"cells": cells, "effects": effects}


def before_and_after(before: Sequence[float], after: Sequence[float], **how: Any) -> dict[str, Any]:
    """Scores of the same items by two models: the mean of each with its interval, and the paired effect of going from
    one to the other."""
    return {
        "before": rounded(mean_interval(list(before), **how)),
        "after": rounded(mean_interval(list(after), **how)),
        "effect": rounded(paired_interval(list(after), list(before), **how)),
    }


def retrieval_scores(
    ranked: Sequence[Sequence[str]],
    relevant: Sequence[Sequence[str]],
    *,
    k: int,
    k_name: str,
    resamples: int,
    confidence: float,
    seed: int,
    shown: Sequence[Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Recall@k (under `recall_at_<k_name>`), MRR and nDCG@10 over ranked document ids. `shown`: what the model really
    saw, when recall is to be measured on that instead of on the first k documents."""
    how: dict[str, Any] = {"resamples": resamples, "confidence": confidence, "seed": seed}
    pairs = [(list(r), set(t)) for r, t in zip(ranked, relevant, strict=True)]
    return {
        f"recall_at_{k_name}": rounded(
            mean_interval([recall_at_k(list(s), t, k) for s, (_, t) in zip(shown or ranked, pairs, strict=True)], **how)
        ),
        "mrr": rounded(mean_interval([reciprocal_rank(r, t) for r, t in pairs], **how)),
        "ndcg_at_10": rounded(mean_interval([ndcg_at_k(r, t, 10) for r, t in pairs], **how)),
    }


def samples(golden: Sequence[Golden], answers: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Evenly spread items with what each cell said: neither the best nor the worst."""
    step = max(1, len(golden) // SAMPLES)
    chosen = list(range(0, len(golden), step))[:SAMPLES]
    return [
        {
            "question": golden[i].question,
            "reference": golden[i].answer,
            "answers": {c: said[i][:300] for c, said in answers.items()},
        }
        for i in chosen
    ]
