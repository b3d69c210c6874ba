"""Direct preference optimisation (Rafailov et al. 2023) with a LoRA adapter, after supervised steps where the use case
asks for some."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, OneStage, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    LoraSettings,
    answer,
    arguments,
    common_problems,
    conversation,
    fit,
    one_step_problem,
)
from genaiops_assets.alignment.reference import pair_key
from genaiops_assets.alignment.staging import EVERY
from genaiops_assets.errors import Preempted
from genaiops_assets.use_case import SettingProblem, Sft

NO_DROPOUT = (
    "dropout has no effect under method dpo: TRL switches it off, because policy and reference must answer alike"
)


Loss = Literal[
    "sigmoid",
    "hinge",
    "ipo",
    "exo_pair",
    "nca_pair",
    "robust",
    "bco_pair",
    "sppo_hard",
    "aot",
    "aot_unpaired",
    "apo_zero",
    "apo_down",
    "discopop",
    "sft",
    "sigmoid_norm",
]
SMOOTHED = ("exo_pair", "robust", "aot", "aot_unpaired")  # the losses in which TRL's label_smoothing changes anything


class DpoSettings(LoraSettings):
    """`loss_type` by TRL's names; `label_smoothing`: the share of labels believed to be flipped, for losses that know
    of it."""

    beta: float = Field(gt=0)
    sft: Sft = Sft()
    loss_type: Loss = "sigmoid"
    label_smoothing: float = Field(default=0.0, ge=0, lt=0.5)


class Dpo(OneStage):
    name = "dpo"
    label = "DPO"
    data = Data.PAIRS
    settings = DpoSettings
    curves: tuple[str, ...] = ("loss", "rewards_margins", "rewards_accuracies")

    def stages(self, settings: DpoSettings) -> tuple[str, ...]:
        return ("sft", self.name) if settings.sft.steps else (self.name,)

    def problems(self, settings: DpoSettings) -> Iterator[SettingProblem]:
        yield from common_problems(settings)
        if settings.lora.dropout and not settings.sft.steps:
            yield SettingProblem("lora.dropout", NO_DROPOUT, "leave the line out, or train by method sft")
        if one_step := one_step_problem("sft.steps", settings.sft.steps):
            yield one_step
        if not settings.sft.steps:
            for name in ("learning_rate", "batch_size"):
                if (value := getattr(settings.sft, name)) != Sft.model_fields[name].default:
                    message = f"{value!r} has no effect while sft.steps is 0"
                    yield SettingProblem(f"sft.{name}", message, "leave the line out, or set sft.steps")

        yield from smoothing_problems(settings)

    def train(self, task: Task) -> Trained:
        from trl import DPOConfig, DPOTrainer

        rows = [
            {
                "prompt": conversation(task, r),
                "chosen": answer(r["chosen"]),
                "rejected": answer(r["rejected"]),
            }
            for r in task.rows
        ]
        s = task.settings
        loss = {"loss_type": [s.loss_type], "label_smoothing": s.label_smoothing}
        config = DPOConfig(**arguments(task), beta=s.beta, **loss)
        return fit(task, partial(DPOTrainer, args=config), rows, with_known_reference)


def smoothing_problems(settings: DpoSettings) -> Iterator[SettingProblem]:
    """Smoothing that would be recorded without changing a weight, and losses that are nothing without it."""
    field, loss = "settings.label_smoothing", settings.loss_type
    if settings.label_smoothing and loss not in SMOOTHED:
        yield SettingProblem(field, f"has no effect with loss_type {loss}", f"use one of {', '.join(SMOOTHED)}")
    if not settings.label_smoothing and loss == "robust":
        yield SettingProblem(field, "loss_type robust is the default loss while it is 0", "0.1 is a usual value")
    if not settings.label_smoothing and loss == "exo_pair":
        yield SettingProblem(field, "loss_type exo_pair needs more than 0", "0.001 is a usual value")


def with_known_reference(task: Task, trainer: Any) -> None:
    """Give a TRL trainer the reference's log-probabilities of all its pairs: those that are remembered, and the others
    computed pair by pair, so that a value depends on nothing but its pair."""
    if task.reference is None:
        return
    data = trainer.train_dataset
    keys = [pair_key(row["prompt_ids"], row["chosen_ids"], row["rejected_ids"]) for row in data]
    remember(task, trainer, {key: data[n] for n, key in enumerate(keys) if key not in task.reference.known})
    known = [task.reference.known[key] for key in keys]
    for place, name in enumerate(("ref_chosen_logps", "ref_rejected_logps")):
        data = data.add_column(name, [pair[place] for pair in known])
    trainer.train_dataset, trainer.precompute_ref_logps = data, True


def read_as_in_training(model: Any) -> None:
    """Without dropout, and with layers in int8 as they are in training: on a CPU these round their inputs only outside
    of it (bitsandbytes 0.50.2), and policy and reference would not begin as one."""
    import torch

    model.eval()
    for module in model.modules():
        if isinstance(module, torch.nn.Linear) and type(module).__name__ == "Linear8bitLt":
            module.train()


def remember(task: Task, trainer: Any, missing: dict[str, Any]) -> None:
    """Compute what the reference says of these pairs and keep it piece by piece, so that a pass that was killed goes on
    where it was. Raises Preempted when the training is asked to stop before the last pair."""
    assert task.reference is not None
    read_as_in_training(trainer.model)
    found: dict[str, tuple[float, float]] = {}
    kept = time.monotonic()
    for done, (key, pair) in enumerate(missing.items(), start=1):
        batch = trainer._prepare_inputs(trainer.data_collator([pair]))
        chosen, rejected = trainer.compute_ref_log_probs(trainer.model, batch)
        found[key] = (float(chosen[0]), float(rejected[0]))
        stopped = task.staging is not None and task.staging.stop
        if stopped or done == len(missing) or time.monotonic() - kept >= EVERY:
            task.reference.add(found)
            found, kept = {}, time.monotonic()
        if stopped and done < len(missing):
            raise Preempted(f"asked to stop after {done} of {len(missing)} pairs the reference was asked; all kept")
