"""Section `serving.rollout` of the use case file: how a candidate earns its place beside the released version."""

from __future__ import annotations

from pydantic import Field

from genaiops_assets.use_case.base import Strict


class Rollout(Strict):
    """First *shadow* (both answer, people see the released version), then *canary* (a share of conversations sees the
    candidate)."""

    shadow_questions: int = Field(default=300, ge=10, description="questions at most before the shadow must be decided")
    share: float = Field(default=0.1, gt=0, le=0.5, description="of conversations that the canary answers")
    keys: list[str] = Field(default_factory=list, description="names of API keys that the canary answers always")
    canary_questions: int = Field(default=1000, ge=20, description="questions at most before people must decide")
    margin: float = Field(default=0.05, gt=0, lt=1, description="by how much the candidate's quality may be worse")
    max_error_rate: float = Field(default=0.05, gt=0, lt=1, description="of answers that fail")
    max_intervention_rate: float = Field(default=0.2, gt=0, lt=1, description="of answers that a guard changed or held")
    max_thumbs_down_rate: float = Field(default=0.3, gt=0, lt=1, description="of rated answers")
    max_slowdown: float = Field(default=1.5, ge=1, description="times the released version's seconds, for most answers")
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="chance of a false promotion, and of a false rollback")
