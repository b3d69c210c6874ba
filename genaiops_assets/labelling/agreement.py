"""How far raters agree on what both judged.

Belongs here: agreement of two raters. Does not belong here: one figure for any number of raters (Krippendorff's alpha,
`statistics/agreement.py`), what is said of a rater alone (`report.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from genaiops_assets.labelling.ratings import DECIDED, Rating
from genaiops_assets.statistics import wilson
from genaiops_assets.text import canonical_name

TIE = "tie"


def judgement(rating: Rating) -> str | None:
    """What a rating says of the two answers, whichever stood left: "0", "1" or a tie; None for a skip and an edit."""
    if rating.choice == TIE:
        return TIE
    return str(rating.preferred) if rating.choice in DECIDED else None


def agreements(ratings: Iterable[Rating]) -> list[dict[str, Any]]:
    """For every two raters who judged the same items: {raters, shared, agreed: share with interval, kappa}."""
    by_rater: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for rating in ratings:
        said = judgement(rating)
        if said is not None:
            who = canonical_name(rating.rater)
            names.setdefault(who, rating.rater)
            by_rater.setdefault(who, {})[f"{rating.set}/{rating.item}"] = said
    found = []
    for one, other in combinations(sorted(by_rater), 2):
        shared = sorted(by_rater[one].keys() & by_rater[other].keys())
        if shared:
            both = [(by_rater[one][item], by_rater[other][item]) for item in shared]
            agreed = wilson(sum(a == b for a, b in both), len(both))
            found.append(
                {"raters": [names[one], names[other]], "shared": len(shared), "agreed": agreed, "kappa": kappa(both)}
            )
    return found


def kappa(said: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa: agreement beyond what the two raters' own frequencies give by chance; None where they leave
    nothing to chance, or nothing was said. Source: Cohen 1960, "A coefficient of agreement for nominal scales"."""
    n = len(said)
    if not n:
        return None
    first, second = Counter(a for a, _ in said), Counter(b for _, b in said)
    chance = sum(first[category] * second[category] for category in first) / n**2
    if chance == 1:
        return None
    return round((sum(a == b for a, b in said) / n - chance) / (1 - chance), 6)


def by_item(ratings: Iterable[Rating]) -> Mapping[str, list[str]]:
    """Item → judgements of all raters."""
    found: dict[str, list[str]] = {}
    for rating in ratings:
        said = judgement(rating)
        if said is not None:
            found.setdefault(rating.item, []).append(said)
    return found
