"""The labelled texts, and how often a filter judges them as they are labelled.

Belongs here: the shape of a probe and the counting. Does not belong here: which filter judges (`measured.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.statistics import wilson

FILE = Path(__file__).with_name("probe.yaml")
FLAGGED = "flagged"


@dataclass(frozen=True)
class ToxicityProbe:
    """A text, whether a reader would call it an insult or swearing, and how it is written: `plain`, a trap …"""

    language: str
    text: str
    flagged: bool
    group: str


@cache
def toxicity_probes() -> tuple[ToxicityProbe, ...]:
    return tuple(
        ToxicityProbe(language, text, label == FLAGGED, group)
        for language, labels in yaml.safe_load(FILE.read_text("utf-8")).items()
        for label, groups in labels.items()
        for group, texts in groups.items()
        for text in texts
    )


def rates(probes: Sequence[ToxicityProbe], dropped: Sequence[bool]) -> dict[str, Any]:
    """{"recall", "precision": {language: interval}, "by_group": [{language, label, group, texts, dropped}]}. `dropped`
    by position. Recall: of the flagged texts, those dropped; precision: of the dropped texts, those flagged."""
    pairs = list(zip(probes, dropped, strict=True))
    languages = sorted({p.language for p in probes})
    groups = dict.fromkeys((p.language, p.flagged, p.group) for p in probes)
    return {
        "recall": {one: _share([d for p, d in pairs if p.language == one and p.flagged]) for one in languages},
        "precision": {one: _share([p.flagged for p, d in pairs if p.language == one and d]) for one in languages},
        "by_group": [
            {
                "language": language,
                "label": FLAGGED if flagged else "clean",
                "group": group,
                "texts": len(hits := [d for p, d in pairs if (p.language, p.flagged, p.group) == key]),
                "dropped": sum(hits),
            }
            for key in groups
            for language, flagged, group in (key,)
        ],
    }


def _share(found: Sequence[bool]) -> dict[str, Any]:
    return wilson(sum(found), len(found))
