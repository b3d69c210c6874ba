"""No training: the base model itself is judged, documented and decided on."""

from __future__ import annotations

from genaiops_assets.alignment.methods.base import Data, OneStage, Settings, Task, Trained
from genaiops_assets.use_case import SettingProblem


class Untrained(OneStage):
    name = "none"
    label = "no training"
    data = Data.NOTHING
    settings = Settings
    curves: tuple[str, ...] = ()
    relation: str | None = None

    def problems(self, settings: Settings) -> list[SettingProblem]:
        return []

    def train(self, task: Task) -> Trained:
        raise TypeError("method none trains nothing: its checkpoint is the base model")
