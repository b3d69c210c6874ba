"""A reward model from preference pairs (Ouyang et al. 2022, section 3.5), to judge answers in `grpo` and `rloo`.

Belongs here: its settings, which pairs it is not shown, and its training. Does not belong here: asking it
(`alignment/reward_model.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, OneStage, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    SERIES,
    LoraSettings,
    arguments,
    common_problems,
    dropout_problem,
    fit,
)
from genaiops_assets.alignment.reward_model import Asked, RewardModel, open_untrained, quality, row_ids, save
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import REWARD_MODEL, Rounding, SettingProblem


class RewardSettings(LoraSettings):
    """`held_out`: share of the questions whose pairs are not trained on, to say how good the model is."""

    held_out: float = Field(default=0.2, gt=0, le=0.5)


class Reward(OneStage):
    name = "reward"
    label = "Reward model"
    data = Data.PAIRS
    settings = RewardSettings
    curves: tuple[str, ...] = ("loss", "accuracy", "margin")
    makes = REWARD_MODEL

    def problems(self, settings: RewardSettings) -> Iterator[SettingProblem]:
        yield from common_problems(settings)
        yield from dropout_problem(self.name, settings)

    def open(self, directory: Path, *, dtype: str, load_in_4bit: Rounding, seed: int) -> Any:
        """Never in four bits, which are the policy's: scores on such a base did not come back the same."""
        return open_untrained(directory, dtype=dtype, seed=seed)

    def train(self, task: Task) -> Trained:
        from trl import RewardConfig, RewardTrainer

        shown, held_out = apart(task.rows, task.settings.held_out, task.seed)
        rows = [dict(zip(("chosen_ids", "rejected_ids"), both(task, pair), strict=True)) for pair in shown]
        config = RewardConfig(**arguments(task))
        series = (*SERIES, "accuracy", "margin")
        kind = "SEQ_CLS"  # under it PEFT trains and saves the head too; without it the head stays as it was drawn
        made = fit(task, partial(RewardTrainer, args=config), rows, series=series, task_type=kind)
        return Trained(made.model, made.history, facts_of(task, made.model, len(shown), held_out))

    def save(self, trained: Trained, scratch: Path, out: Path) -> None:
        found = trained.facts["held_out"]
        save(trained.model, scratch, out, centre=found["centre"], spread=found["spread"])


def both(task: Task, pair: dict[str, Any]) -> tuple[list[int], list[int]]:
    """The tokens of both answers of a pair."""
    chosen, rejected = (
        row_ids(task.tokenizer, task.prompts, Asked(pair["question"], pair["passages"], pair[name]))
        for name in ("chosen", "rejected")
    )
    return chosen, rejected


def apart(rows: Sequence[dict[str, Any]], share: float, seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(shown, held out): whole questions, in an order that the seed draws. Raises PayloadError where there is one
    question only."""
    questions = sorted({row["question"] for row in rows}, key=lambda question: digest_of([seed, question]))
    if len(questions) < 2:
        raise PayloadError(
            "a reward model needs pairs of two questions or more: some it learns from, some it is tried on"
        )
    hidden = set(questions[: max(1, round(share * len(questions)))])
    return [r for r in rows if r["question"] not in hidden], [r for r in rows if r["question"] in hidden]


def facts_of(task: Task, model: Any, shown: int, held_out: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is known of a reward model: quality on held-out pairs, and the accuracy of a judge there that only looks at
    lengths, since a reward model may have learned no more."""
    asked = RewardModel(model, task.tokenizer, task.prompts)
    tokens = [both(task, pair) for pair in held_out]
    found = quality(asked.scores_of([c for c, _ in tokens]), asked.scores_of([r for _, r in tokens]))
    longer = sum(len(c) > len(r) for c, r in tokens) / len(tokens)
    return {"pairs_shown": shown, "pairs_held_out": len(held_out), "longer_is_chosen": longer, "held_out": found}
