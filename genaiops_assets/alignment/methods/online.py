"""Learning from rewards of the model's own answers: what GRPO and RLOO share.

Belongs here: settings, the prompts in their order, and one reward made of those the use case names. Does not belong
here: the rules themselves (`alignment/rewards.py`), the reward model (`alignment/reward_model.py`).

Each step writes `num_generations` answers to each of `batch_size` prompts and learns from them once, so nothing is
carried from step to step that a staged step does not hold. What the answers of a prompt share is read once
(`prefix_tree.py`) when their probabilities are computed; writing them goes through transformers' own cache."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from statistics import fmean
from typing import Any

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, OneStage, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    LoraSettings,
    arguments,
    common_problems,
    conversation,
    dropout_problem,
    fit,
)
from genaiops_assets.alignment.reward_model import Asked, RewardModel, load
from genaiops_assets.alignment.rewards import REWARD_MODEL, REWARDS
from genaiops_assets.errors import PayloadError
from genaiops_assets.use_case import SettingProblem, nearest

SERIES = (
    "loss",
    "reward",
    "reward_std",
    "kl",
    "entropy",
    "completions/mean_length",
    "completions/clipped_ratio",
    "frac_reward_zero_std",
    "left_out",
    "learning_rate",
)
NOT_TAKEN = ("max_length", "dataset_num_proc")  # of what the other trainers of TRL are told
CURVES = ("reward", "kl", "completions_mean_length")  # the loss is 0 by construction wherever rewards even out
NO_REWARD_MODEL = "the reward model is trained by a stage 'reward' before this one, and there is none"
Judge = Callable[[Sequence[Asked], Sequence[str | None]], list[float | None]]


class OnlineSettings(LoraSettings):
    """`rewards`: names and weights; `reward_model` is the one that a stage `reward` before this one trained, its scores
    brought to mean 0 and deviation 1 on held-out answers. `beta`: weight of the KL divergence from the model the stage
    begins with. `max_length` holds prompt and answer."""

    beta: float = Field(ge=0)
    rewards: dict[str, float] = Field(
        default={"groundedness": 1.0, "refusal": 1.0, "length": 0.5, "format": 0.5}, description="names and weights"
    )
    num_generations: int = Field(default=4, ge=2, description="answers to each prompt")
    max_completion_length: int = Field(default=48, gt=0, description="tokens of an answer")
    temperature: float = Field(default=1.0, gt=0)


class Online(OneStage):
    """What methods share that learn from rewards of the model's own answers."""

    data = Data.PROMPTS
    settings = OnlineSettings
    curves: tuple[str, ...] = CURVES

    def needs_reward(self, settings: OnlineSettings) -> bool:
        return needs_reward(settings)

    def problems(self, settings: OnlineSettings) -> Iterator[SettingProblem]:
        return online_problems(self.name, settings)


def needs_reward(settings: Any) -> bool:
    """Whether a stage `reward` has to come before."""
    return REWARD_MODEL in getattr(settings, "rewards", {})


def online_problems(method: str, settings: OnlineSettings) -> Iterator[SettingProblem]:
    yield from common_problems(settings)
    yield from dropout_problem(method, settings)
    known = [*REWARDS.names(), REWARD_MODEL]
    if not settings.rewards:
        yield SettingProblem(
            "settings.rewards", "no reward is named: nothing can be learned", f"known: {', '.join(known)}"
        )
    for name, weight in settings.rewards.items():
        if name not in known:
            yield SettingProblem("settings.rewards", f"no reward '{name}'", nearest(name, known))
        elif not weight > 0 or not math.isfinite(weight):
            yield SettingProblem(f"settings.rewards.{name}", f"weight {weight} is not above 0", "leave the line out")


def train_online(task: Task, trainer: Any, config: Any, module: str, **own: Any) -> Trained:
    """By a TRL trainer that writes answers itself; `module` is where it stands, `own` what only its config takes."""
    s = task.settings
    logging.getLogger(module).setLevel(logging.ERROR)  # TRL logs the text of an answer that no reward judges
    told = {name: value for name, value in arguments(task).items() if name not in NOT_TAKEN}
    told |= {"per_device_train_batch_size": s.batch_size * s.num_generations, "num_generations": s.num_generations}
    told |= {"max_completion_length": s.max_completion_length, "temperature": s.temperature, "beta": s.beta}
    told |= {"steps_per_generation": 1, "num_iterations": 1, "shuffle_dataset": False, "disable_dropout": True, **own}
    judges = judges_of(task)
    rows = in_rounds(prompts_of(task), s.steps * s.batch_size, task.seed)
    made = fit(
        task,
        partial(trainer, args=config(**told), reward_funcs=reward_of(judges, s.rewards)),
        rows,
        series=(*SERIES, *(f"judged/{name}" for name in judges)),
    )
    return Trained(made.model, made.history, facts_of(made.history, s))


def facts_of(history: Sequence[dict[str, float]], settings: OnlineSettings) -> dict[str, Any]:
    """Mean reward of the first and of the last quarter, and where the KL divergence ended."""
    quarter = max(1, len(history) // 4)
    first, last = ([h["reward"] for h in part if "reward" in h] for part in (history[:quarter], history[-quarter:]))
    kl = [h["kl"] for h in history[-quarter:] if "kl" in h]
    return {
        "rewards": dict(settings.rewards),
        "reward_of_first_quarter": fmean(first) if first else None,
        "reward_of_last_quarter": fmean(last) if last else None,
        "kl_of_last_quarter": fmean(kl) if kl else None,
    }


def prompts_of(task: Task) -> list[dict[str, Any]]:
    """Each question with its passages once; `expected` is what people answered, where they did."""
    found = dict[str, dict[str, Any]]()
    for row in task.rows:
        asked = {"prompt": conversation(task, row), "question": row["question"], "passages": list(row["passages"])}
        known = found.setdefault(repr((asked["question"], asked["passages"])), {**asked, "expected": None})
        known["expected"] = known["expected"] or row.get("chosen") or None
    return list(found.values())


def in_rounds(rows: Sequence[dict[str, Any]], count: int, seed: int) -> list[dict[str, Any]]:
    """`count` rows, in rounds over all of them, each shuffled anew."""
    random, found, order = Random(seed), list[dict[str, Any]](), list(rows)
    while len(found) < count:
        random.shuffle(order)
        found += order
    return found[:count]


def judges_of(task: Task) -> dict[str, Judge]:
    """The rewards a use case names, ready to judge. Raises PayloadError where the reward model is missing."""
    judges: dict[str, Judge] = {}
    for name in task.settings.rewards:
        if name != REWARD_MODEL:
            judges[name] = by_rule(REWARDS.get(name))
        elif task.reward is None or task.base is None:
            raise PayloadError(NO_REWARD_MODEL)
        else:
            judges[name] = by_model(load(task.base, task.reward, task.prompts))
    return judges


def by_model(model: RewardModel) -> Judge:
    return lambda asked, expected: list(model.rewards(asked))


def by_rule(rule: Any) -> Judge:
    def judge(asked: Sequence[Asked], expected: Sequence[str | None]) -> list[float | None]:
        return [rule(a.question, a.passages, a.answer, e) for a, e in zip(asked, expected, strict=True)]

    return judge


def reward_of(judges: dict[str, Judge], weights: dict[str, float]) -> Callable[..., list[float | None]]:
    """One reward function for TRL, which would count an abstention among several as 0."""

    def reward(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        question: Sequence[str],
        passages: Sequence[Sequence[str]],
        expected: Sequence[str | None],
        log_metric: Callable[[str, float], None],
        **more: Any,
    ) -> list[float | None]:
        said = [completion[0]["content"] for completion in completions]
        asked = [Asked(q, p, a) for q, p, a in zip(question, passages, said, strict=True)]
        judged = {name: judge(asked, expected) for name, judge in judges.items()}
        for name, found in judged.items():
            if known := [value for value in found if value is not None]:
                log_metric(f"judged/{name}", fmean(known))
        groups = [repr((a.question, list(a.passages))) for a in asked]
        mixed = mix(judged, weights, groups)
        log_metric("left_out", sum(value is None for value in mixed) / len(mixed))
        return mixed

    return reward


def mix(judged: dict[str, list[float | None]], weights: dict[str, float], groups: Sequence[str]) -> list[float | None]:
    """The weighted mean of the rewards for each answer. A reward that has no say on any answer to a prompt is not asked
    there. One that judges some answers to a prompt and abstains on others leaves the others out (None): their sums
    could not be compared."""
    says = {
        name: {g for g, value in zip(groups, found, strict=True) if value is not None} for name, found in judged.items()
    }
    mixed: list[float | None] = []
    for n, group in enumerate(groups):
        asked = [name for name in judged if group in says[name]]
        values = [judged[name][n] for name in asked]
        known = [value for value in values if value is not None]
        if not asked or len(known) < len(values):
            mixed.append(None)
        else:
            parts = [weights[name] for name in asked]
            mixed.append(sum(w * v for w, v in zip(parts, known, strict=True)) / sum(parts))
    return mixed
