"""A checkpoint tuned elsewhere: nothing is trained here, but it passes the same evaluation, gates and card."""

from __future__ import annotations

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, OneStage, Settings, Task, Trained
from genaiops_assets.use_case import Ref, SettingProblem


class ExternalSettings(Settings):
    external_checkpoint: Ref | None = Field(default=None)


class External(OneStage):
    name = "external"
    label = "tuned elsewhere"
    data = Data.NOTHING
    settings = ExternalSettings
    curves: tuple[str, ...] = ()
    relation: str | None = "finetune"

    def problems(self, settings: ExternalSettings) -> list[SettingProblem]:
        if settings.external_checkpoint:
            return []
        return [SettingProblem("external_checkpoint", "method external needs it", "name the folder of the checkpoint")]

    def files(self, settings: ExternalSettings) -> dict[str, str]:
        return {"external_checkpoint": settings.external_checkpoint} if settings.external_checkpoint else {}

    def train(self, task: Task) -> Trained:
        raise TypeError("method external trains nothing: its checkpoint was tuned elsewhere")
