"""How well a detector finds what the probe set holds: recall and precision, by kind and overall, with intervals.

Belongs here: counting hits and misses. Does not: the probes (`probe.py`), or what the figures mean for a corpus
(`residual.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from genaiops_assets.privacy.names import NAME_KINDS
from genaiops_assets.privacy.probe import Probe
from genaiops_assets.statistics import wilson
from genaiops_assets.text import Finding


def measure_rules(probes: Sequence[Probe], found: Sequence[Sequence[Finding]], kinds: Sequence[str]) -> dict[str, Any]:
    """{"recall", "precision": {kind or "all": interval}, "by_kind": {kind: {labelled, hits, found, right}},
    "missed_formats"}.

    A label is hit when one finding of its kind covers it whole: half a number masked is a leak. A finding is right
    when it overlaps a label of its kind. Labels and findings of other kinds than `kinds` are not looked at."""
    labelled, hits, reported, right, missed = (Counter[str]() for _ in range(5))
    for probe, findings in zip(probes, found, strict=True):
        for label, written in zip(probe.findings, probe.formats, strict=True):
            if label.kind not in kinds:
                continue
            labelled[label.kind] += 1
            if any(f.kind == label.kind and f.start <= label.start and f.end >= label.end for f in findings):
                hits[label.kind] += 1
            else:
                missed[f"{label.kind} {written}"] += 1
        for finding in findings:
            if finding.kind in kinds:
                reported[finding.kind] += 1
                right[finding.kind] += any(
                    label.kind == finding.kind and label.start < finding.end and finding.start < label.end
                    for label in probe.findings
                )
    return {
        "recall": {"all": wilson(hits.total(), labelled.total()), **{k: wilson(hits[k], labelled[k]) for k in kinds}},
        "precision": {
            "all": wilson(right.total(), reported.total()),
            **{k: wilson(right[k], reported[k]) for k in kinds},
        },
        "by_kind": {
            k: {"labelled": labelled[k], "hits": hits[k], "found": reported[k], "right": right[k]} for k in kinds
        },
        "missed_formats": dict(sorted(missed.items())),
    }


def names_prefilter(probes: Sequence[Probe], asked: Sequence[bool]) -> dict[str, Any]:
    """What asking before a model of names costs and saves: {"recall": texts with names that are asked about, "asked":
    of all texts, "recall_by_language"}, each an interval. `asked` by position, from `may_hold_names`."""
    named = [any(f.kind in NAME_KINDS for f in probe.findings) for probe in probes]

    def recall(language: str | None) -> dict[str, Any]:
        of_these = [a for p, has, a in zip(probes, named, asked, strict=True) if has and language in (None, p.language)]
        return wilson(sum(of_these), len(of_these))

    languages = sorted({probe.language for probe in probes})
    return {
        "recall": recall(None),
        "recall_by_language": {one: recall(one) for one in languages},
        "asked": wilson(sum(asked), len(probes)),
    }
