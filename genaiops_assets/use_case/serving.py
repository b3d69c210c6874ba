"""Section `serving` of the use case file: what stands between a person and the model, and how the gateway answers."""

from __future__ import annotations

from pydantic import Field

from genaiops_assets.use_case.base import Ref, Strict
from genaiops_assets.use_case.guards import GuardRecord, GuardSettings
from genaiops_assets.use_case.marking import Marking
from genaiops_assets.use_case.rollout import Rollout


class Upstream(Strict):
    """A server that answers as OpenAI's chat API does, in place of the model in the gateway's own process. What it runs
    cannot be verified from here, and every answer says so."""

    url: Ref = Field(description="address up to and with /v1, as http://127.0.0.1:8080/v1")
    model: str = Field(min_length=1, description="the model's name there")
    candidate: str = Field(
        default="",
        exclude_if=lambda stated: not stated,
        description="in a rollout, the candidate's name there; without it an upstream compares nothing",
    )
    key_variable: str = Field(default="", description="environment variable that holds its key; none when left out")
    access: list[str] = Field(
        default=["public"], description="classes of readers whose passages may be sent there; others never are"
    )


class GatewayLimits(Strict):
    """What one gateway takes on. A key of `genaiops serve-key` may have narrower limits of its own."""

    body_bytes: int = Field(default=262_144, ge=1024, description="of one request")
    seconds: float = Field(default=120.0, gt=0, description="of one answer; then it is given up")
    at_once: int = Field(default=64, ge=1, description="answers in the making")
    waiting: int = Field(default=64, ge=0, description="requests that wait for their turn; one more gets 429")


class Otlp(Strict):
    """A collector of OpenTelemetry that is sent a span of each interaction: figures and names, never a text."""

    url: Ref = Field(description="address before /v1/traces, as http://127.0.0.1:4318")
    key_variable: str = Field(default="", description="environment variable that holds its key; none when left out")


class Gateway(Strict):
    """`genaiops serve`."""

    upstream: Upstream | None = None
    limits: GatewayLimits = GatewayLimits()
    notice: str = Field(
        default="", description="what tells a person that a machine wrote this; a packaged text if empty"
    )
    otlp: Otlp | None = Field(default=None, exclude_if=lambda stated: stated is None)
    fallback: str = Field(default="", description="what people read while the model is down; an error 503 if empty")


class Serving(Strict):
    guards: list[str] = Field(
        default_factory=list,
        description="rules in the order in which they look: question_length, prompt_injection, question_personal_data, "
        "question_topic, question_language, personal_data_masked, answer_toxicity, answer_grounded, answer_advice, "
        "answer_format, answer_cites, answer_policy, llama_guard, llama_guard_answer, prompt_shields",
    )
    guard_settings: GuardSettings = Field(
        default=GuardSettings(),
        exclude_if=lambda stated: stated == GuardSettings(),
        description="limits of rules, and servers that some of them ask",
    )
    guard_record: GuardRecord = Field(
        default=GuardRecord(),
        exclude_if=lambda stated: stated == GuardRecord(),
        description="how the rules must do on labelled texts",
    )
    gateway: Gateway = Field(
        default=Gateway(), exclude_if=lambda stated: stated == Gateway(), description="how `genaiops serve` answers"
    )
    rollout: Rollout = Field(
        default_factory=Rollout,
        exclude_if=lambda stated: stated == Rollout(),
        description="how a candidate earns its place: shadow, then canary",
    )
    marking: Marking = Field(
        default=Marking(),
        exclude_if=lambda stated: stated == Marking(),
        description="how answers are marked as written by a machine",
    )
