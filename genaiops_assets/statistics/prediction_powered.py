"""A mean from few human labels and many cheap predictions of them, without trusting the predictions.

Belongs here: the prediction-powered mean. Does not belong here: judges, or who labels (`evaluation`)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from genaiops_assets.statistics.intervals import Interval, two_sided_z


def prediction_powered_mean(
    labels: ArrayLike, predicted: ArrayLike, predicted_elsewhere: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    """The mean label of all items: `labels` and `predicted` (both shape [n]) of those people judged,
    `predicted_elsewhere` (shape [N]) of those only the judge did. `n` counts labels.

    Predictions are weighted by how well they follow the labels, so useless ones cost nothing (in large samples) and
    wrong ones do not bias. Normal approximation: some 30 labels at least. ValueError for lengths that differ, or fewer
    than two values of either kind. Sources: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023,
    "Prediction-powered inference", algorithm 1; Angelopoulos, Duchi and Zrnic 2023, "PPI++", section 4 (the
    weight)."""
    y, f, g = (np.asarray(values, dtype=np.float64) for values in (labels, predicted, predicted_elsewhere))
    if y.shape != f.shape or y.ndim != 1 or g.ndim != 1 or min(y.size, g.size) < 2:
        raise ValueError(f"labels and predictions do not fit: {y.shape}, {f.shape}, {g.shape}")
    spread = float(np.concatenate([f, g]).var(ddof=1))
    weight = float(np.cov(y, f)[0, 1]) / (spread * (1 + y.size / g.size)) if spread > 0 else 0.0
    weight = min(1.0, max(0.0, weight))
    mean = float(weight * g.mean() + (y - weight * f).mean())
    error = math.sqrt(weight**2 * float(g.var(ddof=1)) / g.size + float((y - weight * f).var(ddof=1)) / y.size)
    half = two_sided_z(confidence) * error
    return Interval(mean, mean - half, mean + half, int(y.size), confidence, "prediction_powered")
