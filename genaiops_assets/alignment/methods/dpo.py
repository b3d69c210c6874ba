"""Direct preference optimisation (Rafailov et al. 2023) with a LoRA adapter, after supervised steps where the use case
asks for some."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    LoraSettings,
    answer,
    arguments,
    common_problems,
    conversation,
    fit,
    one_step_problem,
)
from genaiops_assets.use_case import SettingProblem, Sft

NO_DROPOUT = (
    "dropout has no effect under method dpo: TRL switches it off, because policy and reference must answer alike"
)


class DpoSettings(LoraSettings):
    beta: float = Field(gt=0)
    sft: Sft = Sft()


class Dpo:
    name = "dpo"
    label = "DPO"
    data = Data.PAIRS
    settings = DpoSettings
    curves: tuple[str, ...] = ("loss", "rewards_margins", "rewards_accuracies")
    relation: str | None = "adapter"
    code_version = ""

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

    def train(self, task: Task) -> Trained:
        from trl import DPOConfig, DPOTrainer

        rows = [
            {
                "prompt": conversation(task.tokenizer, r, task.language),
                "chosen": answer(r["chosen"]),
                "rejected": answer(r["rejected"]),
            }
            for r in task.rows
        ]
        config = DPOConfig(**arguments(task), beta=task.settings.beta)
        return fit(task, partial(DPOTrainer, args=config), rows)
