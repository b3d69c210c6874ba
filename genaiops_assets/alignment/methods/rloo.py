"""Leave-one-out policy gradients (Ahmadian et al. 2024): each answer is compared with the mean of the others to the
same prompt, and the KL divergence is taken off its reward."""

from __future__ import annotations

from genaiops_assets.alignment.methods.base import Task, Trained
from genaiops_assets.alignment.methods.online import Online, train_online


class Rloo(Online):
    name = "rloo"
    label = "RLOO"

    def train(self, task: Task) -> Trained:
        from trl import RLOOConfig, RLOOTrainer

        return train_online(task, RLOOTrainer, RLOOConfig, "trl.trainer.rloo_trainer")
