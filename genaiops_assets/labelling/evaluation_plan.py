"""The plan of a comparison of two versions by people: stated before the first rating, and never changed after it.

Belongs here: what is asked, of how many, drawn how, and the smallest difference that so many can show. Does not belong
here: what came of it (`evaluation_result.py`)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.labelling.items import Item, Items
from genaiops_assets.labelling.order import sample
from genaiops_assets.labelling.ratings import now, ratings_folder, read_rows
from genaiops_assets.lake import Lake, digest_of, lease, pretty_json
from genaiops_assets.statistics import detectable_share
from genaiops_assets.use_case import UseCase

PLAN = "plan.json"
LEVEL, POWER = 0.05, 0.8
SEED = 17
SCHEMA_VERSION = 1
ESTIMAND = "share of questions whose answer by the second version is preferred, less the share by the first"
MISSING = "an unrated question may be worth -1 to +1: the bounds count it both ways"
TEST = "exact two-sided sign test over questions with a preference; a question counts by the majority of its raters"


@dataclass(frozen=True)
class EvaluationPlan:
    """`first`, `second`: what is compared; `population`: questions both answered, of which `equal` alike (a tie without
    being asked); `size`: those drawn by `seed` from the others; `items`: digest of the drawing; `detectable`: the
    smallest share of preferences that is found with the stated power, were all decided, and were half of them."""

    first: str
    second: str
    population: int
    equal: int
    size: int
    seed: int
    items: str
    detectable: dict[str, float | None]
    guideline: str
    written_at: str
    level: float = LEVEL
    power: float = POWER
    estimand: str = ESTIMAND
    missing: str = MISSING
    test: str = TEST
    schema_version: int = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def digest(self) -> str:
        return digest_of(self.to_dict())

    def in_words(self) -> str:
        found = self.detectable["all_decided"]
        power = "nothing can be found with so few" if found is None else f"finds a share of {found:.0%} or more"
        return (
            f"{self.size} of {self.population - self.equal} questions, seed {self.seed}; {self.equal} more were "
            f"answered alike; {power} (sign test, level {self.level:g}, power {self.power:g}, all decided)"
        )


def stated_plan(
    lake: Lake, uc: UseCase, items: Items, guideline: str, *, size: int | None = None, seed: int | None = None
) -> EvaluationPlan:
    """The plan of this comparison as it was stated, or stated now. Raises Refused for another size, another seed or
    other answers than the stated plan's, and where ratings are older than any plan."""
    folder = ratings_folder(lake, uc) / items.name
    with lease(folder / "plan.lock", timeout=30):
        there = read_plan(folder)
        if there is None:
            return state(folder, items, size, SEED if seed is None else seed, guideline)
        differs = [
            ("answers", drawing(sample(items.items, there.size, there.seed)), there.items),
            ("a size", there.size if size is None else min(size, len(items.items)), there.size),
            ("a seed", there.seed if seed is None else seed, there.seed),
        ]
        other = [f"{what} other than planned" for what, now_is, planned in differs if now_is != planned]
        if other:
            raise Refused(
                f"{' and '.join(other)}: the comparison of {there.first} and {there.second} was planned on "
                f"{there.written_at} ({there.in_words()}), and a plan does not change once it is stated: "
                f"{folder / PLAN}"
            )
        return there


def drawing(items: Sequence[Item]) -> str:
    return digest_of(sorted(item.digest for item in items))


def read_plan(folder: Path) -> EvaluationPlan | None:
    file = folder / PLAN
    return EvaluationPlan(**json.loads(file.read_bytes())) if file.exists() else None


def state(folder: Path, items: Items, wanted: int | None, seed: int, guideline: str) -> EvaluationPlan:
    """Write the plan, once: never over another. Raises Refused where somebody rated before it."""
    if any(read_rows(file) for file in folder.glob("*.jsonl")):
        raise Refused(f"{folder}: there are ratings without a plan; a plan that comes after them is none")
    drawn = sample(items.items, wanted, seed)
    decided = {"all_decided": len(drawn), "half_decided": len(drawn) // 2}
    plan = EvaluationPlan(
        first=items.sources[0],
        second=items.sources[1],
        population=len(items.items) + items.equal,
        equal=items.equal,
        size=len(drawn),
        seed=seed,
        items=drawing(drawn),
        detectable={k: rounded(detectable_share(n, LEVEL, POWER)) if n else None for k, n in decided.items()},
        guideline=guideline,
        written_at=now(),
    )
    with (folder / PLAN).open("xb") as file:
        file.write(pretty_json(plan.to_dict()))
        file.flush()
        os.fsync(file.fileno())
    return plan


def rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
