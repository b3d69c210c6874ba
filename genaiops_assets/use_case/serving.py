"""Section `serving` of the use case file: what stands between a person and the model."""

from __future__ import annotations

from pydantic import Field

from genaiops_assets.use_case.base import Strict
from genaiops_assets.use_case.rollout import Rollout


class Serving(Strict):
    guards: list[str] = Field(
        default_factory=list, description="rules in the order in which they look: question_length, personal_data_masked"
    )
    rollout: Rollout = Field(
        default_factory=Rollout,
        exclude_if=lambda stated: stated == Rollout(),
        description="how a candidate earns its place: shadow, then canary",
    )
