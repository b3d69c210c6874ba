"""Leave-one-out policy gradients (Ahmadian et al. 2024): each answer is compared with the mean of the others to the
same prompt, and the KL divergence is taken off its reward."""

from __future__ import annotations

from collections.abc import Iterator

from genaiops_assets.alignment.methods.base import Data, Task, Trained
from genaiops_assets.alignment.methods.online import CURVES, OnlineSettings, needs_reward, online_problems, train_online
from genaiops_assets.use_case import SettingProblem


class Rloo:
    name = "rloo"
    label = "RLOO"
    data = Data.PROMPTS
    settings = OnlineSettings
    curves: tuple[str, ...] = CURVES
    relation: str | None = "adapter"
    code_version = ""
    needs_reward = staticmethod(needs_reward)

    def stages(self, settings: OnlineSettings) -> tuple[str, ...]:
        return (self.name,)

    def problems(self, settings: OnlineSettings) -> Iterator[SettingProblem]:
        return online_problems(self.name, settings)

    def train(self, task: Task) -> Trained:
        from trl import RLOOConfig, RLOOTrainer

        return train_online(task, RLOOTrainer, RLOOConfig, "trl.trainer.rloo_trainer")
