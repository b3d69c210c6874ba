"""Figures about a corpus: counts by outcome, operator, source and language, lengths, personal data found. Numbers only.

Belongs here: what the datasheet and the UI show of the corpus. Does not belong here: decisions on rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from genaiops_assets.corpus.schemas import OUTCOMES
from genaiops_assets.text import mask, words


def quantiles(values: Sequence[int]) -> dict[str, int]:
    """Minimum, quartiles, 95 % and maximum; zeros for no values."""
    if not values:
        return dict.fromkeys(("min", "p25", "median", "p75", "p95", "max"), 0)
    ordered = sorted(values)
    at = lambda q: ordered[min(len(ordered) - 1, int(q * len(ordered)))]  # noqa: E731
    return {"min": ordered[0], "p25": at(0.25), "median": at(0.5), "p75": at(0.75), "p95": at(0.95), "max": ordered[-1]}


def funnel(ledger: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Rows by outcome and, for those rejected, by operator."""
    outcomes: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for row in ledger:
        outcomes[row["outcome"]] += 1
        if row["outcome"] == "rejected":
            rejected[row["operator"]] += 1
    return {
        "outcomes": {name: outcomes[name] for name in OUTCOMES},
        "rejected": dict(sorted(rejected.items())),
        "duplicates": outcomes["duplicate"],
        "quarantined": outcomes["quarantined"],
    }


def describe(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Figures over rows with source, language, license, first_seen and text."""
    languages: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    personal: Counter[str] = Counter()
    characters, tokens, seen = [], [], []
    for row in rows:
        languages[row["language"]] += 1
        sources[row["source"]] += 1
        personal.update(mask(row["text"]).counts)
        characters.append(len(row["text"]))
        tokens.append(len(words(row["text"])))
        seen.append(row["first_seen"])
    return {
        "instances": len(characters),
        "languages": dict(sorted(languages.items())),
        "documents_by_source": dict(sorted(sources.items())),
        "pii_counts": dict(sorted(personal.items())),
        "text_length": {"unit": "characters", **quantiles(characters)},
        "words": quantiles(tokens),
        "words_total": sum(tokens),
        "first_seen": {"first": min(seen, default=0), "last": max(seen, default=0)},
    }
