"""Supervised fine-tuning on the chosen answers, with a LoRA adapter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from genaiops_assets.alignment.methods.base import Data, OneStage, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    LoraSettings,
    answer,
    arguments,
    common_problems,
    conversation,
    fit,
    in_parts,
)
from genaiops_assets.use_case import SettingProblem


class Sft(OneStage):
    name = "sft"
    label = "SFT"
    data = Data.COMPLETIONS
    settings = LoraSettings
    curves: tuple[str, ...] = ("loss",)

    def problems(self, settings: LoraSettings) -> Iterator[SettingProblem]:
        return common_problems(settings)

    def train(self, task: Task) -> Trained:
        from trl import SFTConfig, SFTTrainer

        rows = [{"prompt": conversation(task, r), "completion": answer(r["chosen"])} for r in task.rows]
        config = SFTConfig(**(arguments(task) | in_parts(task)), completion_only_loss=True)
        return fit(task, partial(SFTTrainer, args=config), rows)
