"""How much an answer's score moves from run to run where answers are drawn instead of greedy.

Belongs here: the figures. Does not belong here: drawing answers (a payload), the analysis of variance (`statistics`).
Greedy answers are the same in every run, so the rest of a report has no such variance; people who are served with a
temperature meet it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.evaluation.measure import DIGITS, Measure
from genaiops_assets.statistics import repeat_variance


def repeats_section(
    scores: Sequence[Sequence[float]], measure: Measure, *, metric: str, cell: str, temperature: float
) -> dict[str, Any]:
    """`scores`: shape [items, runs], each at least 2. {metric, cell, temperature, items, runs, score, run_means,
    variance: what `Repeats` says, in_words}. `score`: interval of the items' means over all runs."""
    found = repeat_variance(scores)
    runs = [round(sum(of[n] for of in scores) / len(scores), DIGITS) for n in range(found.runs)]
    variance = {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in found.to_dict().items()}
    return {
        "metric": metric,
        "cell": cell,
        "temperature": temperature,
        "items": found.items,
        "runs": found.runs,
        "score": measure.mean([sum(of) / len(of) for of in scores]),
        "run_means": runs,
        "variance": variance,
        "in_words": f"over {found.runs} runs at temperature {temperature:g} the mean {metric} lies between "
        f"{min(runs):.3f} and {max(runs):.3f}; of its standard error {found.error_of_mean:.3f}, "
        f"{found.error_of_runs:.3f} would go with more runs",
    }
