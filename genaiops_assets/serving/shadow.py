"""Both versions of a rollout answer the same questions, and the pair is kept as figures.

Belongs here: asking candidate and released version. Does not belong here: what the figures show
(`governance/rollout`), answering people (`answering.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from genaiops_assets.errors import GenaiopsError, Refused
from genaiops_assets.governance.release import bundle_of
from genaiops_assets.governance.rollout import Pair, keep, quality, rollout_of
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.serving.answering import Assistant
from genaiops_assets.serving.served import ServedVersion
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Told:
    """One version's answer as a pair needs it. `score` None: it could not be scored."""

    score: float | None
    failed: bool
    intervened: bool
    seconds: float | None


def shadowed(lake: Lake, uc: UseCase, questions: Sequence[str]) -> int:
    """Ask both versions of the rollout that goes on; returns how many questions were compared. One version is loaded
    after the other. The same question counts once a stage. Raises Refused when none goes on, or it is paused."""
    state = rollout_of(lake, uc)
    if state is None or not state.goes_on or state.paused:
        raise Refused("no rollout goes on: genaiops rollout start MV --as NAME --reason TEXT")
    asked = list(dict.fromkeys(q.strip() for q in questions if q.strip()))
    released = told_by(Assistant(lake, uc), asked)
    chosen = ServedVersion(state.candidate, False, bundle_of(lake, uc, state.candidate))
    candidate = told_by(Assistant(lake, uc, choice=chosen), asked)
    for question, ours, theirs in zip(asked, candidate, released, strict=True):
        name = digest_of([state.candidate, question])[:24]
        keep(lake, uc, state.candidate, state.stage, paired(ours, theirs), name)
    return len(asked)


def told_by(assistant: Assistant, questions: Sequence[str]) -> list[Told]:
    """What one version makes of each question, one at a time, so that one failure costs one answer."""
    return [_told(assistant, question) for question in questions]


def paired(candidate: Told, released: Told) -> Pair:
    return Pair(
        candidate=candidate.score,
        released=released.score,
        failed=candidate.failed,
        intervened=candidate.intervened,
        candidate_seconds=candidate.seconds,
        released_seconds=released.seconds,
    )


def _told(assistant: Assistant, question: str) -> Told:
    began = perf_counter()
    try:
        (answer,) = assistant.answer([question])
    except Refused:
        return Told(None, False, True, None)
    except (GenaiopsError, RuntimeError, ValueError):
        return Told(None, True, False, None)
    if answer.held_back:
        return Told(None, False, True, None)
    seconds: Any = perf_counter() - began
    score = quality(answer.text, answer.passages, assistant.uc, assistant.prompts.refusal)
    return Told(score, not answer.text.strip(), answer.intervened, seconds)
