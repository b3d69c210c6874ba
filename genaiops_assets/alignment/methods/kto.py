"""Kahneman-Tversky optimisation (Ethayarajh et al. 2024): single answers that people want or do not want, no pairs.

Belongs here: the order of the rows, the weights of both sides and KTO's settings. Does not belong here: what makes rows
of thumbs (`fitting.py`).

TRL reads the rows in the order it is given and estimates the KL term within each batch: from the answer of a row under
the prompt of the next. Given pairs, it puts all wanted answers first and all others after them. So the order is ours:
both sides mixed as evenly as their numbers allow, shuffled anew in each round, seeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random
from typing import Any, Literal

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, OneStage, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    SERIES,
    LoraSettings,
    answer,
    arguments,
    common_problems,
    conversation,
    dropout_problem,
    fit,
)
from genaiops_assets.errors import PayloadError
from genaiops_assets.use_case import SettingProblem

ONE_ROW = (
    "a batch of one row has no KL term: it is estimated from the answer of one row under the prompt of another, and "
    "TRL refuses it"
)


class KtoSettings(LoraSettings):
    """`loss_type` by TRL's names. The weights weigh what people want and do not want; unset, the rarer side weighs as
    much more as it is rarer."""

    beta: float = Field(gt=0)
    loss_type: Literal["kto", "apo_zero_unpaired"] = "kto"
    desirable_weight: float | None = Field(default=None, gt=0)
    undesirable_weight: float | None = Field(default=None, gt=0)


class Kto(OneStage):
    name = "kto"
    label = "KTO"
    data = Data.UNPAIRED
    settings = KtoSettings
    curves: tuple[str, ...] = ("loss", "rewards_chosen", "rewards_rejected", "kl")

    def problems(self, settings: KtoSettings) -> Iterator[SettingProblem]:
        yield from common_problems(settings)
        yield from dropout_problem(self.name, settings)
        if settings.batch_size < 2 and settings.loss_type == "kto":
            yield SettingProblem("batch_size", ONE_ROW, "use 2 or more, or loss_type apo_zero_unpaired")

    def train(self, task: Task) -> Trained:
        from trl import KTOConfig, KTOTrainer

        s = task.settings
        wanted = sum(row["desirable"] for row in task.rows)
        weights = weights_of(wanted, len(task.rows) - wanted, s)
        rows = [
            {"prompt": conversation(task, r), "completion": answer(r["answer"]), "label": r["desirable"]}
            for r in in_order(task.rows, s.steps * s.batch_size, task.seed)
        ]
        config = KTOConfig(**arguments(task), beta=s.beta, loss_type=s.loss_type, **weights)
        series = (*SERIES, "rewards/chosen", "rewards/rejected", "kl")
        made = fit(task, partial(KTOTrainer, args=config), rows, series=series)
        facts = {"desirable": wanted, "undesirable": len(task.rows) - wanted, **weights}
        return Trained(made.model, [with_margin(step) for step in made.history], facts)


def weights_of(wanted: int, unwanted: int, settings: KtoSettings) -> dict[str, Any]:
    """What each side's loss is multiplied by. Raises PayloadError where one side is empty."""
    if not wanted or not unwanted:
        missing = "unwanted" if wanted else "wanted"
        raise PayloadError(
            f"method kto needs answers that people want and such that they do not want; there is no {missing} one"
        )
    most = max(wanted, unwanted)
    return {
        "desirable_weight": settings.desirable_weight or most / wanted,
        "undesirable_weight": settings.undesirable_weight or most / unwanted,
    }


def in_order(rows: Sequence[dict[str, Any]], count: int, seed: int) -> list[dict[str, Any]]:
    """`count` rows, in rounds over all of them, in each of which both sides are shuffled and evenly mixed."""
    random, found = Random(seed), list[dict[str, Any]]()
    sides = [[r for r in rows if r["desirable"]], [r for r in rows if not r["desirable"]]]
    while len(found) < count:
        placed = []
        for side in sides:
            random.shuffle(side)
            placed += [((n + 0.5) / len(side), row["desirable"], row) for n, row in enumerate(side)]
        found += [row for _, _, row in sorted(placed, key=lambda p: p[:2])]
    return found[:count]


def with_margin(step: dict[str, float]) -> dict[str, float]:
    """Wanted minus unwanted reward of the same step, and nothing where a batch held one side only: what TRL logs as
    margin comes from other batches than what it logs beside it as soon as several are logged together."""
    plain = {name: value for name, value in step.items() if name != "rewards_margins"}
    if {"rewards_chosen", "rewards_rejected"} <= plain.keys():
        plain["rewards_margins"] = round(plain["rewards_chosen"] - plain["rewards_rejected"], 6)
    return plain
