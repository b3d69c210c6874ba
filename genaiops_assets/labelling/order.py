"""Which items a person sees, in which order, and which answer stands left: all of it follows from a seed.

Belongs here: that order. Sources of it, so that two people judge the same items in different orders, and neither side
nor place says who gave an answer. Does not belong here: what was rated already (`desk.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genaiops_assets.labelling.items import Item
from genaiops_assets.lake import digest_of


@dataclass(frozen=True)
class Shown:
    """An item at its place in a person's order (from 1). `left`: 0 or 1, which of its answers stands left."""

    item: Item
    place: int
    left: int

    @property
    def texts(self) -> tuple[str, str]:
        """(left, right)"""
        return self.item.answers[self.left], self.item.answers[1 - self.left]


def sample(items: Sequence[Item], size: int | None, seed: int) -> tuple[Item, ...]:
    """The items to be rated, the same for every rater: all, or so many drawn by the seed."""
    drawn = sorted(items, key=lambda item: digest_of(["sample", seed, item.digest]))
    return tuple(drawn if size is None else drawn[:size])


def order_for(rater: str, items: Sequence[Item], seed: int) -> list[Shown]:
    """The items in a rater's own order. Sides are balanced: of any two that follow each other, each answer in its
    canonical order stands left once. `rater`: the form in which names are compared."""
    ordered = sorted(items, key=lambda item: digest_of(["order", seed, rater, item.digest]))
    coins = [int(digest_of(["side", seed, rater, n])[0], 16) % 2 for n in range((len(ordered) + 1) // 2)]
    return [Shown(item, n + 1, coins[n // 2] ^ (n % 2)) for n, item in enumerate(ordered)]
