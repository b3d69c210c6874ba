"""Orderings of things with intervals: by what is sure, with ties shown as ties.

Belongs here: places from intervals. Does not belong here: what is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """`rank` 1 is best; everything of one rank is tied. `low` and `high` of an interval, None where there is none."""

    name: str
    rank: int
    low: float | None
    high: float | None


def ordered(intervals: Mapping[str, tuple[float | None, float | None]]) -> list[Place]:
    """Names with (low, high), the surest first: sorted by the lower bound, then the upper, then the name.

    One whose upper bound reaches the lower bound of the first of a rank cannot be told from it and shares that rank;
    the next rank begins with the first that does not, and counts on as in sports (1, 1, 3). What has no interval comes
    last, in a rank of its own. To be tied with a leader says nothing about two followers: compare those in pairs."""
    known = sorted(
        ((name, low, high) for name, (low, high) in intervals.items() if low is not None and high is not None),
        key=lambda found: (-found[1], -found[2], found[0]),
    )
    places: list[Place] = []
    for count, (name, low, high) in enumerate(known, start=1):
        leader = places[-1].rank - 1 if places else None
        tied = leader is not None and high >= known[leader][1]
        places.append(Place(name, places[-1].rank if tied else count, low, high))
    unknown = sorted(name for name in intervals if name not in {p.name for p in places})
    return places + [Place(name, len(known) + 1, *intervals[name]) for name in unknown]
