"""Group relative policy optimisation (Shao et al. 2024): each answer is compared with the others to the same prompt."""

from __future__ import annotations

from genaiops_assets.alignment.methods.base import Task, Trained
from genaiops_assets.alignment.methods.online import Online, train_online


class Grpo(Online):
    name = "grpo"
    label = "GRPO"

    def train(self, task: Task) -> Trained:
        from trl import GRPOConfig, GRPOTrainer

        return train_online(task, GRPOTrainer, GRPOConfig, "trl.trainer.grpo_trainer")
