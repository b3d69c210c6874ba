"""How much personal data is left after redaction, estimated, with an interval.

Belongs here: the estimate and its method in words. Does not: counting (`scanning.py`, `redaction.py`), or what the use
case allows.

What the engine sees it removes, so what is left is what it misses. For each kind: with recall r, of n found ones
n(1-r)/r were missed. Both r (from the probe set) and the true number of occurrences are uncertain; 20,000 draws carry
both through: r from Beta(hits + 1/2, misses + 1/2), the expected occurrences from Gamma(n + 1/2K) / r for K kinds
(Jeffreys' priors; the half occurrence that the second one adds is shared by the kinds). What is still found after
redaction is added as it is, and what a second, independent detector finds in a sample of the output, scaled to all
documents by Gamma(m + 1/2). Both can count the same item: the sum errs towards more. The probe set is synthetic; where
real texts write a kind in ways the probe set lacks, the true rate is higher. No figure here sees that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

DRAWS = 20_000


@dataclass(frozen=True)
class SecondLook:
    """A second detector's findings in `sampled` documents of the output."""

    sampled: int
    findings: int


def residual_rate(
    removed: Mapping[str, int],
    left: int,
    documents: int,
    recall: Mapping[str, Mapping[str, int]],
    second: SecondLook | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Any]:
    """Personal data left per document: {mean, low, high, n (documents), confidence, method} and `missed` {kind:
    expected number}.

    `removed`: found before, by kind, in the documents that were kept, for each kind that is searched; `left`: found
    after; `recall`: {kind: {"labelled", "hits"}} from `measure`. A kind the probe set never tried counts with a recall
    between 0 and 1 (Jeffreys), which an honest gate does not pass. No documents, no rate: everything but `n` is None.
    """
    if documents == 0:
        return {
            "mean": None,
            "low": None,
            "high": None,
            "n": 0,
            "confidence": confidence,
            "method": "none",
            "missed": {},
        }
    rng = np.random.default_rng(seed)
    total = np.full(DRAWS, float(left))
    missed: dict[str, float] = {}
    for kind in sorted(removed):
        tried = recall.get(kind, {"labelled": 0, "hits": 0})
        hits, failures = tried["hits"], tried["labelled"] - tried["hits"]
        share = np.clip(rng.beta(hits + 0.5, failures + 0.5, DRAWS), 1e-9, 1)
        total += rng.gamma(removed[kind] + 0.5 / len(removed), 1.0, DRAWS) * (1 - share) / share
        point = (hits + 0.5) / (tried["labelled"] + 1)
        missed[kind] = removed[kind] * (1 - point) / point
    seen = _second(second, documents, rng)
    per_document = (total + seen) / documents
    tail = (1 - confidence) / 2
    low, high = np.quantile(per_document, [tail, 1 - tail])
    expected = (
        left + sum(missed.values()) + (second.findings * documents / second.sampled if second and second.sampled else 0)
    ) / documents
    return {
        "mean": expected,
        "low": min(float(low), expected),
        "high": max(float(high), expected),
        "n": documents,
        "confidence": confidence,
        "method": "recall of the probe set, 20,000 draws",
        "missed": {kind: round(number, 4) for kind, number in missed.items()},
    }


def _second(second: SecondLook | None, documents: int, rng: np.random.Generator) -> Any:
    """Findings of the second detector in all documents: known where it read all, drawn where it read a sample."""
    if second is None or second.sampled == 0:
        return 0.0
    if second.sampled >= documents:
        return float(second.findings)
    return rng.gamma(second.findings + 0.5, 1.0, DRAWS) * documents / second.sampled
